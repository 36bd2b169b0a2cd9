/** `onager report` on the command line: its operand, its options, what it prints. */

import { textOption } from '../arguments.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'rebuilds results and report from a run folder',
  operand: 'RUN_DIR',
  options: { out: { type: 'string', value: 'DIR', help: 'default: RUN_DIR/report' } },
  leavesAtOnce: true,

  async run({ operand, options }, { abandoned, readPage, signal }) {
    const { report } = await import('../report.ts');
    const pageTemplate = await readPage();
    const out = textOption(options, 'out');
    const { exit, text } = await report(operand, { out, pageTemplate, signal, abandoned });
    process.stdout.write(text);
    return exit;
  },
};
