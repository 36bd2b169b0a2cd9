/** `onager check` on the command line: its operand, its options, what it prints. */

import { errorCodes, problemLine, problemText } from '../../errors.ts';
import { varsOption } from '../arguments.ts';
import { type Command, varOption } from './command.ts';

export const command: Command = {
  summary: 'what this user-data would do, with every problem',
  operand: 'FILE|DIR',
  options: { json: { type: 'boolean', help: 'as JSON' }, var: varOption },
  leavesAtOnce: true,

  async run({ operand, options }, { signal }) {
    const { check, checkText } = await import('../check.ts');
    const result = await check(operand, { vars: varsOption(options), signal });
    const { ok, problems, warnings } = result;
    const json = (): string => `${JSON.stringify(result, undefined, 2)}\n`;
    const words = (): string =>
      [
        ...(ok ? [checkText(result)] : problems.map(problemText)),
        ...warnings.map((warning) => `  warning: ${problemLine(warning)}\n`),
      ].join('');
    if (options['json'] === true) process.stdout.write(json());
    else (ok ? process.stdout : process.stderr).write(words());
    const [problem] = problems;
    return problem === undefined ? 0 : errorCodes[problem.code].exit;
  },
};
