/** Messages as replies: a small page for people, a problem document for programs. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { pagePolicy } from './headers.ts';
import { messagePage } from './pages.ts';

/** `title` and `detail` are a few words and a sentence. */
export type Message = Readonly<{ status: number; title: string; detail: string }>;

/** Whether a request wants a problem document (RFC 9457) rather than a page. */
export function isForPrograms({ url, headers }: FastifyRequest): boolean {
  const isProgrammatic = /^\/(api\/|metrics\b|files$|files\?)/.test(url);
  return isProgrammatic && headers.accept?.includes('text/html') !== true;
}

export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply
    .code(status)
    .header('content-security-policy', pagePolicy(html, { formAction: "'self'" }))
    .type('text/html; charset=utf-8')
    .send(html);
}

export function sendMessage(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, title, detail }: Message,
): FastifyReply {
  if (!isForPrograms(request)) return sendPage(reply, status, messagePage(title, detail));
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ status, title, detail }));
}
