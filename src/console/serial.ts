/**
 * Tells people on the serial console how the run goes, so that `aws ec2 get-console-output` alone tells the story.
 *
 * Under systemd: `ExecStart=… agent --console -` with `StandardOutput=journal+console`. Standard output then gets these
 * lines alone, and the log goes to standard error and to logs/agent.log of the run. A device of its own (`--console /dev/console`) is for units
 * that may open one, which `PrivateDevices=` forbids.
 */

import { constants, openSync, writeSync } from 'node:fs';
import type { ResultsReader } from '../report/reader.ts';
import { visible } from '../report/safe-text.ts';
import type { RunState, RunStateReader } from '../run/state.ts';
import type { PageAccess } from '../web/auth.ts';
import { type Line, linesOf } from './lines.ts';

export type ConsoleOptions = Readonly<{
  state: RunStateReader;
  results: Pick<ResultsReader, 'summary'>;
  access(): PageAccess | undefined;
  /** Of the page. */
  port: number;
  now(): Date;
  write(text: string): void;
}>;

const lookEveryMs = 1_000;
/** How long something is awaited before that is worth a line, and how soon it is worth another. */
const patienceMs = 10_000;
const againMs = 60_000;
const maxLength = 500;

/** Gives back how to end it. */
export function createConsole(options: ConsoleOptions): () => void {
  const { access, now, port, results, state, write } = options;
  /** The text that was last said under each name: what has not changed is not said again. */
  const said = new Map<string, string>();
  let waitingToldMs = Number.NEGATIVE_INFINITY;

  function say({ name, text, at }: Line): void {
    if (said.get(name) === text) return;
    said.set(name, text);
    const time = (at ?? now().toISOString()).slice(11, 19);
    write(`onager: ${time}Z ${cut(visible(text))}\n`);
  }

  function hear(current: RunState): void {
    for (const line of linesOf(current, { access: access(), port, summary: results.summary }))
      say(line);
  }

  function look(): void {
    const { awaiting, phase } = state.current();
    if (awaiting === undefined) return;
    // While it runs in its time, its end is awaited, which is nothing to worry about.
    if (phase === 'running' && awaiting.until !== undefined) return;
    const nowMs = now().getTime();
    const waitedMs = nowMs - Date.parse(awaiting.since);
    if (waitedMs < patienceMs || nowMs - waitingToldMs < againMs) return;
    waitingToldMs = nowMs;
    const last = awaiting.lastAnswer === undefined ? '' : `: ${awaiting.lastAnswer}`;
    const text = `waiting for ${awaiting.what} for ${Math.round(waitedMs / 1_000)} s${last}`;
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

/** `-`: standard output. A console that cannot be written to ends nothing. */
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

function cut(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
