/**
 * The log file. Its path is not known at first: lines are kept in memory until it is.
 */

import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';

/** How many lines are kept in memory; the oldest are dropped first. */
const maxWaiting = 2_000;

type LogFile = Readonly<{ stream: Writable; open(path: string): void }>;

/**
 * Writes each line at once, so that nothing is missing after a kill; the log has a few lines a
 * second at most.
 */
export function createLogFile(): LogFile {
  let path: string | undefined;
  let waiting: string[] = [];

  function append(file: string, text: string): void {
    try {
      appendFileSync(file, text);
    } catch {
      // The log goes to standard output as well; a full disk must not end the run.
    }
  }

  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const text = chunk.toString();
      if (path === undefined) waiting = [...waiting, text].slice(-maxWaiting);
      else append(path, text);
      done();
    },
  });
  return {
    stream,
    open(file) {
      path = file;
      mkdirSync(dirname(file), { recursive: true });
      append(file, waiting.join(''));
      waiting = [];
    },
  };
}
