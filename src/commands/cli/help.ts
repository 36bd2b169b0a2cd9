/** The help, made from what the commands say of themselves. */

import type { Option } from './command.ts';
import type { Commands } from './commands.ts';

const textColumn = 29;

export async function helpText(commands: Commands): Promise<string> {
  const lines: string[] = [];
  for (const [name, load] of commands) {
    const { operand, options, summary } = (await load()).command;
    lines.push(line(`  onager ${name}${operand === undefined ? '' : ` ${operand}`}`, summary));
    for (const [option, about] of Object.entries(options)) lines.push(optionLine(option, about));
  }
  return [
    'Onager: an EC2 image that runs the load test in its user-data.',
    '',
    ...lines,
    '  onager --version',
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
