/**
 * Writes the course of the run to the serial console, for `aws ec2 get-console-output`.
 *
 * Under systemd: `ExecStart=… agent --console -` with `StandardOutput=journal+console`. Standard
 * output then gets only these lines; the log goes to standard error and to the run's
 * logs/agent.log. A device (`--console /dev/console`) is for units that may open one, which
 * `PrivateDevices=` forbids.
 */

import { constants, openSync, writeSync } from 'node:fs';
import type { ResultsReader } from '../report/reader.ts';
import type { RunState, RunStateReader } from '../run/state.ts';
import { cut, replaceUnseen } from '../text.ts';
import type { PageAccess } from '../web/auth.ts';
import { type ConsoleLine, linesOf, waitText } from './lines.ts';

type ConsoleOptions = Readonly<{
  state: RunStateReader;
  results: Pick<ResultsReader, 'summary'>;
  access(): PageAccess | undefined;
  /** Of the page. */
  port: number;
  now(): Date;
  write(text: string): void;
}>;

const lookEveryMs = 1_000;
/** A wait gets a line after this long, and another after each `againMs`. */
const patienceMs = 10_000;
const againMs = 60_000;
const maxLength = 499;

/** Returns a function that stops it. */
export function createConsole(options: ConsoleOptions): () => void {
  const { access, now, port, results, state, write } = options;
  /** The last text of each name: unchanged lines are not repeated. */
  const said = new Map<string, string>();
  let waitingToldMs = Number.NEGATIVE_INFINITY;

  function say({ name, text, at }: ConsoleLine): void {
    if (said.get(name) === text) return;
    said.set(name, text);
    const time = (at ?? now().toISOString()).slice(11, 19);
    write(`onager: ${time}Z ${cut(replaceUnseen(text), maxLength)}\n`);
  }

  function hear(current: RunState): void {
    for (const line of linesOf(current, { access: access(), port, summary: results.summary }))
      say(line);
  }

  function look(): void {
    const { awaiting, phase } = state.current();
    if (awaiting === undefined) return;
    // The planned end of a running load is not worth a line.
    if (phase === 'running' && awaiting.until !== undefined) return;
    const nowMs = now().getTime();
    const waitedMs = nowMs - Date.parse(awaiting.since);
    if (waitedMs < patienceMs || nowMs - waitingToldMs < againMs) return;
    waitingToldMs = nowMs;
    const text = waitText(awaiting, ` for ${Math.round(waitedMs / 1_000)} s`);
    say({ name: 'waiting', text });
  }

  hear(state.current());
  const unsubscribe = state.subscribe(hear);
  const timer = setInterval(look, lookEveryMs).unref();
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
}

/** `-`: standard output. A console that cannot be written to is ignored. */
export function openConsole(path: string): { write(text: string): void } {
  if (path === '-') return { write: (text) => void process.stdout.write(text) };
  const { O_APPEND, O_CREAT, O_NOCTTY, O_WRONLY } = constants;
  const quietly = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch {
      return undefined;
    }
  };
  const fd = quietly(() => openSync(path, O_APPEND | O_CREAT | O_NOCTTY | O_WRONLY, 0o640));
  return { write: (text) => void (fd === undefined || quietly(() => writeSync(fd, text))) };
}
