/** A simulated EC2 instance metadata service, IMDSv2 only, as strict as the real one. */

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import {
  type Instance,
  type InstanceNow,
  listing,
  type MetadataContent,
  metadataTree,
} from './metadata-tree.ts';

export type MetadataServiceOptions = Instance &
  Readonly<{
    host?: string;
    port?: number;
    /** Sees each request first; true: it has answered, or will. For faults. */
    intercept?(request: IncomingMessage, response: ServerResponse): boolean;
  }>;

export type MetadataService = Readonly<{
  url: string;
  /** Changes the instance from now on; an explicit `undefined` removes a value. */
  set(change: Partial<InstanceNow>): void;
  close(): Promise<void>;
}>;

const tokenHeader = 'x-aws-ec2-metadata-token';
const maxTokens = 1_000;

export async function startMetadataService({
  host = '127.0.0.1',
  port = 0,
  intercept = () => false,
  ...instance
}: MetadataServiceOptions): Promise<MetadataService> {
  let tree = metadataTree(instance);
  let current: InstanceNow = instance;
  const tokens = createTokens();

  const server = createServer((request, response) => {
    if (intercept(request, response)) return;
    const [path = '/'] = (request.url ?? '/').split('?');
    if (request.method === 'PUT' && path === '/latest/api/token') {
      tokens.give(request, response);
    } else if (request.method !== 'GET') {
      answer(response, 405, 'Method Not Allowed');
    } else if (tokens.knows(request)) {
      answerContent(response, find(tree, path));
    } else {
      answer(response, 401, 'Unauthorized');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const address = server.address();
  const actualPort = typeof address === 'object' ? address?.port : undefined;

  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${actualPort}`,
    set(change) {
      current = { ...current, ...change };
      tree = metadataTree(current);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createTokens(): Readonly<{
  give(request: IncomingMessage, response: ServerResponse): void;
  knows(request: IncomingMessage): boolean;
}> {
  const expiryMs = new Map<string, number>();
  return {
    give(request, response) {
      const ttl = request.headers[`${tokenHeader}-ttl-seconds`];
      const seconds = typeof ttl === 'string' && /^\d{1,5}$/.test(ttl) ? Number(ttl) : 0;
      // A request that came through a proxy is not the instance's own.
      if (request.headers['x-forwarded-for'] !== undefined) {
        answer(response, 403, 'Forbidden');
      } else if (seconds < 1 || seconds > 21_600) {
        answer(response, 400, 'Bad Request');
      } else {
        const token = randomBytes(42).toString('base64');
        const [oldest] = expiryMs.keys();
        if (expiryMs.size >= maxTokens && oldest !== undefined) expiryMs.delete(oldest);
        expiryMs.set(token, Date.now() + seconds * 1_000);
        response.setHeader(`${tokenHeader}-ttl-seconds`, String(seconds));
        answer(response, 200, token);
      }
    },
    knows(request) {
      const token = request.headers[tokenHeader];
      return typeof token === 'string' && (expiryMs.get(token) ?? 0) > Date.now();
    },
  };
}

/** The content of a path, whatever version of the service it names. */
function find(
  tree: ReadonlyMap<string, MetadataContent>,
  path: string,
): MetadataContent | undefined {
  if (path === '/') return 'latest';
  const match = /^\/(?:latest|1\.0|\d{4}-\d\d-\d\d)(?:\/(.*))?$/s.exec(path);
  if (match === null) return undefined;
  const [, rest = ''] = match;
  const name = decoded(rest);
  return name === undefined ? undefined : (tree.get(name) ?? listing(tree, name));
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function answerContent(response: ServerResponse, content: MetadataContent | undefined): void {
  if (content === undefined) {
    answer(response, 404, 'Not Found');
    return;
  }
  const isBinary = typeof content !== 'string';
  response.setHeader('content-type', isBinary ? 'application/octet-stream' : 'text/plain');
  response.end(content);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('content-type', status === 200 ? 'text/plain' : 'text/html');
  response.end(status === 200 ? text : `<html><title>${status} - ${text}</title></html>`);
}
