/** The help, made from what the commands say of themselves. */

import type { Option } from './command.ts';
import type { Commands } from './commands.ts';

const textColumn = 29;

/** Of one command, or of all. */
export async function helpText(commands: Commands, only?: string): Promise<string> {
  const lines: string[] = [];
  for (const [name, load] of commands) {
    if (only !== undefined && name !== only) continue;
    const { operand, options, summary } = (await load()).command;
    lines.push(line(`  onager ${name}${operand === undefined ? '' : ` ${operand}`}`, summary));
    for (const [option, about] of Object.entries(options)) lines.push(optionLine(option, about));
  }
  if (only !== undefined) return `${lines.join('\n')}\n`;
  return [
    'Onager: an EC2 image that runs the load test in its user-data.',
    '',
    ...lines,
    line('  onager help COMMAND', 'the help of one command; also COMMAND --help'),
    line('  onager version', 'also --version'),
    '',
  ].join('\n');
}

function optionLine(name: string, { help, short, value }: Option): string {
  const dashed = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return line(`      ${dashed}${value === undefined ? '' : ` ${value}`}`, help);
}

function line(left: string, right: string): string {
  return `${left.padEnd(textColumn - 1)} ${right}`;
}
