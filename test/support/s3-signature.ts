/**
 * Checks AWS Signature Version 4 of S3 requests, from the specification: no server on npm checks
 * it.
 */

import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export type SignedRequest = Readonly<{
  method: string;
  /** Path and query as they were sent. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}>;

/** What is wrong with the signature or the body's checksum; undefined if nothing is. */
export function signatureProblem(
  { method, url, headers, body }: SignedRequest,
  secretAccessKey: string,
): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8}\/[^/]+\/s3\/aws4_request), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, scope, names, signature] = pattern.exec(headers.authorization ?? '') ?? [];
  if (scope === undefined || names === undefined) return 'no signature of version 4';
  const sum = String(headers['x-amz-content-sha256']);
  if (sum !== sha256(body)) return `the body is not the one that was signed: ${sum}`;

  const [path = '', query = ''] = url.split('?');
  const canonical = [
    method,
    path,
    query.split('&').toSorted().map(withValue).join('&'),
    ...names
      .split(';')
      .map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sum,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of scope.split('/')) key = hmac(key, part);
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'the signature is wrong';
}

function withValue(pair: string): string {
  return pair === '' || pair.includes('=') ? pair : `${pair}=`;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
