/** Asks the agent's own HTTP interface for the state of the run, as any other viewer would. */

import { request } from 'node:http';
import { messageOf, OnagerError } from '../errors.ts';
import type { Summary } from '../report/summary.ts';
import { parseSummary } from '../report/summary-schema.ts';
import { wait } from '../retry.ts';
import type { RunState } from '../run/state.ts';
import { parseRunState } from '../run/state-schema.ts';

/**
 * Undefined, or false: no answer, because the agent is not up, or slow, or the signal was aborted.
 * An answer that is not an agent's rejects with `AGENT_INVALID`.
 */
export type RunApi = Readonly<{
  run(signal?: AbortSignal): Promise<RunState | undefined>;
  /** Undefined also if nothing has been measured yet. */
  summary(signal?: AbortSignal): Promise<Summary | undefined>;
  /**
   * Asks until the agent has answered. Undefined: there is no summary, or the signal was aborted.
   */
  lastSummary(signal: AbortSignal): Promise<Summary | undefined>;
  stop(signal?: AbortSignal): Promise<boolean>;
}>;

/** If the agent dies, its connection ends by itself: this is for one that breaks silently. */
const timeoutMs = 60_000;
const againMs = 250;

type Answer = Readonly<{ from: string; status: number; text: string }>;

type AgentPlace = Readonly<{
  host?: string;
  /** Undefined: the agent does not listen yet. A restarted agent may have another. */
  port(): Promise<number | undefined>;
  key: string;
}>;

export function createRunApi({ host = '127.0.0.1', port: findPort, key }: AgentPlace): RunApi {
  async function ask(
    method: 'GET' | 'POST',
    path: string,
    given: AbortSignal = never,
  ): Promise<Answer | undefined> {
    const port = await findPort();
    if (port === undefined) return undefined;
    const answer = Promise.withResolvers<Answer | undefined>();
    const headers = { authorization: `Bearer ${key}` };
    const signal = AbortSignal.any([given, AbortSignal.timeout(timeoutMs)]);
    const asked = request({ host, port, path, method, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => answer.resolve(undefined));
      response.on('end', () => {
        const { statusCode: status = 0 } = response;
        answer.resolve({
          from: `http://${host}:${port}${path}`,
          status,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    // Not up yet, or just being restarted: the next question will be answered.
    asked.on('error', () => answer.resolve(undefined));
    asked.end();
    return await answer.promise;
  }

  async function summary(signal?: AbortSignal): Promise<Summary | 'none' | undefined> {
    const answer = await ask('GET', '/api/summary', signal);
    if (answer?.status === 404) return 'none';
    return parsed(answer, parseSummary);
  }

  return {
    async run(signal) {
      return parsed(await ask('GET', '/api/run', signal), parseRunState);
    },
    async summary(signal) {
      const answer = await summary(signal);
      return answer === 'none' ? undefined : answer;
    },
    async lastSummary(signal) {
      while (!signal.aborted) {
        const answer = await summary(signal);
        if (answer !== undefined) return answer === 'none' ? undefined : answer;
        await wait(againMs, signal).catch(() => {});
      }
      return undefined;
    },
    async stop(signal) {
      const answer = await ask('POST', '/api/stop', signal);
      // 409: it has ended already.
      return answer?.status === 409 || isOk(answer);
    },
  };
}

const never = new AbortController().signal;

function parsed<T>(answer: Answer | undefined, parse: (json: string) => T): T | undefined {
  if (!isOk(answer)) return undefined;
  try {
    return parse(answer.text);
  } catch (cause) {
    const message = `the answer of ${answer.from} is unusable: ${messageOf(cause)}`;
    throw new OnagerError('AGENT_INVALID', message, {
      hint: 'another program may have taken this port: rehearse again, with another --port',
      cause,
    });
  }
}

function isOk(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.status >= 200 && answer.status < 300;
}
