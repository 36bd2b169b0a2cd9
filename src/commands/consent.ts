/** Asks at the terminal whether a command may go on. */

import { createInterface } from 'node:readline/promises';
import type { Agreement } from '../rehearsal/planned-fire.ts';

/** `agreed`: yes, without asking. */
export function consentOf(agreed: boolean, signal: AbortSignal): Agreement {
  if (agreed) return 'agreed';
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  return async (question) => {
    // Lines as the terminal itself edits them, so that Ctrl-C stays a signal.
    const lines = createInterface({ input: stdin, output: stdout, terminal: false });
    try {
      const end = new Promise<string>((resolve) => {
        lines.once('close', () => resolve('\n'));
      });
      const answer = await Promise.race([lines.question(question, { signal }), end]);
      // After Ctrl-D, what follows begins on a line of its own.
      if (answer === '\n') stdout.write(answer);
      return /^\s*y(?:es)?\s*$/i.test(answer);
    } finally {
      lines.close();
    }
  };
}
