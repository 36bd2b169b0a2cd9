/**
 * What a member answers to its leader. Only connections with the run's own key come here: whoever
 * can derive the first key must not read the files.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseWithSchema, type Schema } from '../../schema.ts';
import { type EndOrder, endOrderSchema, type StartOrder, startOrderSchema } from './orders.ts';
import type { MemberProgress } from './progress.ts';
import type { SharedFiles } from './shared-files.ts';

/** Orders may come again where their answer was lost. */
export type FollowedMember = Readonly<{
  /** Called for each request of the leader. */
  heard(): void;
  progress(): MemberProgress;
  start(order: StartOrder): Promise<void>;
  end(order: EndOrder): Promise<void>;
  /** The leader has all of this member's files. */
  done(): Promise<void>;
  files: SharedFiles;
}>;

type RunRoutesOptions = Readonly<{
  /** Whether the request came by a connection with the run's own key. */
  isOfRun(request: FastifyRequest): boolean;
  /** Undefined: this member is not ready to follow yet. */
  followed(): FollowedMember | undefined;
}>;

export function runRoutes(server: FastifyInstance, { isOfRun, followed }: RunRoutesOptions): void {
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url?.startsWith('/run/') !== true) return;
    if (!isOfRun(request))
      return await reply.code(403).send({ why: 'this takes the key of the run' });
    const member = followed();
    if (member === undefined) return await reply.code(503).send({ why: 'it is not ready yet' });
    member.heard();
  });

  const order = <T>(
    path: string,
    schema: Schema<T>,
    take: (o: T, by: FollowedMember) => Promise<void>,
  ) =>
    server.post(path, async ({ body }, reply) => {
      const member = followed();
      const parsed = read(schema, body);
      if (member === undefined || parsed === undefined) return await reply.code(400).send();
      await take(parsed, member);
      return {};
    });

  server.get('/run/progress', () => followed()?.progress());
  order('/run/start', startOrderSchema, (start, member) => member.start(start));
  order('/run/end', endOrderSchema, (end, member) => member.end(end));
  server.post('/run/done', async () => {
    await followed()?.done();
    return {};
  });
  server.get('/run/files', async () => await followed()?.files.list());
  server.get('/run/file', async ({ query }, reply) => {
    const part = await followed()?.files.read(query);
    if (part === undefined) return await reply.code(404).send();
    return await reply.type('application/octet-stream').send(part);
  });
}

function read<T>(schema: Schema<T>, body: unknown): T | undefined {
  try {
    return typeof body === 'string' ? parseWithSchema(schema, body) : undefined;
  } catch {
    return undefined;
  }
}
