/** What can be seen of a run from outside the machine. */

import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRunApi } from '../../src/rehearsal/agent-client.ts';
import type { Summary } from '../../src/report/summary.ts';
import type { RunState } from '../../src/run/state.ts';
import type { Ec2 } from './ec2.ts';
import type { Machine } from './machine.ts';

export type Watched = Readonly<{ ec2: Pick<Ec2, 'identity'>; machine: Machine }>;

/**
 * Everything takes many times as long as on an instance: there is no hardware below the machine.
 */
const limitMs = 400_000;

/** Resolves with the state of the run once it meets the condition. */
export async function until(
  { ec2, machine }: Watched,
  wanted: (run: RunState) => boolean,
  limit = limitMs,
): Promise<RunState> {
  const api = createRunApi({ port: async () => machine.port, key: ec2.identity.instanceId });
  const deadline = Date.now() + limit;
  let last: RunState | undefined;
  while (Date.now() < deadline) {
    last = (await api.run()) ?? last;
    if (last !== undefined && wanted(last)) return last;
    // Nothing more will happen.
    if (last !== undefined && (isOver(last) || last.phase === 'idle')) break;
    await sleep(500);
  }
  const text = (await machine.console()).slice(-5_000);
  throw new Error(`never as wanted; last: ${JSON.stringify(last)}\n${text}`);
}

export async function summaryOf({ ec2, machine }: Watched): Promise<Summary> {
  const api = createRunApi({ port: async () => machine.port, key: ec2.identity.instanceId });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const summary = await api.summary();
    if (summary !== undefined) return summary;
    await sleep(1_000);
  }
  throw new Error('there is no summary');
}

export function isOver({ phase, publish }: RunState): boolean {
  return (phase === 'finished' || phase === 'failed') && (publish === undefined || publish.whole);
}

export type Answer = Readonly<{ status: number; body: string }>;

/** Rejects if there is no answer: refused, reset, or too late. */
export async function get(port: number, path: string, key?: string): Promise<Answer> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const signal = AbortSignal.timeout(120_000);
  const answer = Promise.withResolvers<Answer>();
  const asked = request({ host: '127.0.0.1', port, path, headers, signal }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', answer.reject);
    response.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      answer.resolve({ status: response.statusCode ?? 0, body });
    });
  });
  asked.on('error', answer.reject);
  asked.end();
  return await answer.promise;
}
