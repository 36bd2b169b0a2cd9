/** Asks the agent's own HTTP interface how the run stands, as any other viewer would. */

import { request } from 'node:http';
import type { Summary } from '../results/summary.ts';
import type { RunState } from '../run/state.ts';

export type RunApi = Readonly<{
  /** Undefined while the agent is not up, or does not know its key yet. */
  run(): Promise<RunState | undefined>;
  summary(): Promise<Summary | undefined>;
  /** Whether the agent has heard it. */
  stop(): Promise<boolean>;
}>;

const timeoutMs = 5_000;

export function createRunApi({ port, key }: { port: number; key: string }): RunApi {
  function ask(method: 'GET' | 'POST', path: string): Promise<string | undefined> {
    const answer = Promise.withResolvers<string | undefined>();
    const headers = { authorization: `Bearer ${key}` };
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => answer.resolve(undefined));
        response.on('end', () => {
          const { statusCode = 0 } = response;
          const ok = statusCode >= 200 && statusCode < 300;
          answer.resolve(ok ? Buffer.concat(chunks).toString('utf8') : undefined);
        });
      },
    );
    // Not up yet, or just being restarted: the next question will be answered.
    asked.on('error', () => answer.resolve(undefined));
    asked.end();
    return answer.promise;
  }

  return {
    async run() {
      const value = parsed(await ask('GET', '/api/run'));
      return isRunState(value) ? value : undefined;
    },
    async summary() {
      const value = parsed(await ask('GET', '/api/summary'));
      return isSummary(value) ? value : undefined;
    },
    async stop() {
      return (await ask('POST', '/api/stop')) !== undefined;
    },
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Both come from the agent of this very program: telling them from something else is enough.
function isRunState(value: unknown): value is RunState {
  return typeof value === 'object' && value !== null && 'phase' in value;
}

function isSummary(value: unknown): value is Summary {
  return typeof value === 'object' && value !== null && 'schema' in value;
}
