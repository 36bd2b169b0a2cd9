/** `onager pack` on the command line: its operand, its options, what it prints. */

import { textOption } from '../arguments.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'scenario to zip',
  operand: 'FILE|DIR',
  options: {
    output: { type: 'string', short: 'o', value: 'FILE', help: 'default: its name and .zip' },
  },
  leavesAtOnce: true,

  async run({ operand, options }, { signal }) {
    const { pack } = await import('../pack.ts');
    process.stdout.write(await pack(operand, { output: textOption(options, 'output'), signal }));
    return 0;
  },
};
