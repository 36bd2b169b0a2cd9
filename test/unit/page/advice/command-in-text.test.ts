/** Which part of a message is a command to paste. */

import { describe, expect, it } from 'vitest';
import { splitCommand } from '../../../../src/page/advice/command-in-text.ts';

const command = 'aws ec2 authorize-security-group-ingress --group-id sg-1 --port 7424';
const tags = "aws ec2 create-tags --resources i-1 --tags 'Key=onager:cluster.peers,Value=10.0.0.2'";

describe('a command', () => {
  it.each([
    [`let members through: ${command}`, 'let members through:', ''],
    [
      `let members through with \`${command}\`, or by hand`,
      'let members through with',
      ', or by hand',
    ],
    [`no answer\n${command}\nit is tried again`, 'no answer', 'it is tried again'],
    [command, '', ''],
    [`name them: ${tags}`, 'name them:', '', tags],
  ])('is found in %j', (text, before, after, found = command) => {
    expect(splitCommand(text)).toEqual({ before, command: found, after });
  });

  it('is nothing that an answer from outside says', () => {
    const text = 'the target answered: aws ec2 terminate-instances --instance-ids i-1';
    expect(splitCommand(text)).toEqual({ before: text, command: '', after: '' });
  });
});
