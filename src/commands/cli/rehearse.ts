/** `onager rehearse` on the command line: its operand, its options, what it prints. */

import {
  countOption,
  defaultPath,
  portOption,
  textOption,
  trialSettings,
  varsOption,
} from '../arguments.ts';
import { consentOf } from '../consent.ts';
import { type Command, varOption } from './command.ts';

export const command: Command = {
  summary: 'the whole run on this machine, with a simulated EC2 and S3',
  operand: 'FILE|DIR',
  options: {
    out: {
      type: 'string',
      value: 'DIR',
      help: 'where instance/ and bucket/ go (default: onager-rehearsal)',
    },
    count: {
      type: 'string',
      value: 'N',
      help: 'instances that share the load, on loopback addresses (default: 1)',
    },
    port: { type: 'string', value: 'N', help: 'of the page (default: any free one)' },
    exit: { type: 'boolean', help: 'do not keep serving after the run' },
    yes: { type: 'boolean', help: 'fire at other machines without asking' },
    duration: { type: 'string', value: '30s', help: 'end the load after this time' },
    rate: { type: 'string', value: '10%', help: 'of the arrival rates of the scenario' },
    var: varOption,
  },

  async run({ operand, options }, { abandoned, env, self, signal }) {
    const { rehearse } = await import('../../rehearsal/rehearse.ts');
    const { maxMembers } = await import('../../rehearsal/loopback-subnet.ts');
    const { stdin, stdout } = process;
    return await rehearse({
      source: operand,
      out: textOption(options, 'out') ?? 'onager-rehearsal',
      count: countOption(options, maxMembers),
      port: portOption(options, 0),
      // Without a terminal, and so without Ctrl-C, it would serve for ever.
      keepServing: options['exit'] !== true && stdin.isTTY && stdout.isTTY,
      vars: varsOption(options),
      settings: trialSettings(options),
      ask: consentOf(options['yes'] === true, signal),
      agentCommand: [...self, 'agent'],
      path: env['PATH'] ?? defaultPath,
      terminal: {
        isTTY: stdout.isTTY,
        // It may be resized meanwhile.
        get columns() {
          return stdout.columns || 80;
        },
        write: (text) => void stdout.write(text),
      },
      interrupted: signal,
      abandoned,
    });
  },
};
