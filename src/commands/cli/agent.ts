/** `onager agent` on the command line: its options, and what is built from them. */

import { version } from '../../version.ts';
import { defaultPath, portOption, textOption } from '../arguments.ts';
import type { Command } from './command.ts';

const options = {
  state: { type: 'string', value: 'DIR', help: 'default: /var/lib/onager' },
  config: {
    type: 'string',
    value: 'FILE',
    help: 'settings of the image, default: /etc/onager/onager.yaml',
  },
  'offered-var': {
    type: 'string',
    multiple: true,
    value: 'NAME',
    help: 'a variable that is set for every scenario: no warning if it is not used; may be repeated',
  },
  host: { type: 'string', value: 'ADDRESS', help: 'default: :: (all)' },
  port: {
    type: 'string',
    value: 'N',
    help: 'default: 80, or the socket that systemd hands over',
  },
  'engine-unit': {
    type: 'string',
    value: 'UNIT',
    help: 'the systemd unit that runs the engine, instead of a child process',
  },
  console: {
    type: 'string',
    value: 'FILE',
    help: 'lines for people; -: on standard output, instead of the log',
  },
  'poweroff-unit': {
    type: 'string',
    value: 'UNIT',
    help: 'what switches the machine off; without it that is only said',
  },
  'lifetime-timer': {
    type: 'string',
    value: 'UNIT',
    help: 'the timer behind that, which a longer lifetime must keep from going off',
  },
  'prove-isolation': {
    type: 'boolean',
    help: 'warn unless the engine proves that it is walled in',
  },
  tied: { type: 'boolean', help: 'end, and the engine too, when standard input ends' },
} as const;

export const command: Command = {
  summary: 'the service on the instance',
  options,

  async run({ options: given }, { env, readPage, self, signal }) {
    const { runAgent } = await import('../../agent/agent.ts');
    const { socketOf } = await import('../../web/listen.ts');
    const { createPowerOff, createTimerRestart } = await import('../../lifetime/power-off.ts');
    const text = (name: keyof typeof options): string | undefined => textOption(given, name);
    const path = env['PATH'] ?? defaultPath;
    const metadataEndpoint = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'];
    const consolePath = text('console');
    const powerOffUnit = text('poweroff-unit');
    const timerUnit = text('lifetime-timer');
    const engineUnit = text('engine-unit');
    await runAgent({
      version,
      stateDir: text('state') ?? '/var/lib/onager',
      imageSettingsPath: text('config') ?? '/etc/onager/onager.yaml',
      offeredVars: [given['offered-var'] ?? []].flat().map(String),
      ...(metadataEndpoint === undefined ? {} : { metadataEndpoint }),
      address: socketOf(env, process.pid) ?? {
        host: text('host') ?? '::',
        port: portOption(given, 80),
      },
      pageTemplate: await readPage(),
      engineCommand: [...self, 'engine'],
      engineEnv: { PATH: path },
      ...(engineUnit === undefined ? {} : { engineUnit }),
      notifyEnv: env,
      ...(powerOffUnit === undefined
        ? {}
        : { powerOff: createPowerOff({ unit: powerOffUnit, path }) }),
      ...(timerUnit === undefined
        ? {}
        : { armTimer: createTimerRestart({ unit: timerUnit, path }) }),
      ...(consolePath === undefined ? {} : { console: consolePath }),
      provesIsolation: given['prove-isolation'] === true,
      ...(given['tied'] === true ? { abandoned: endOfInput() } : {}),
      signal,
    });
    return 0;
  },
};

/** Aborted when standard input ends: the process at its other end is gone. */
function endOfInput(): AbortSignal {
  const controller = new AbortController();
  process.stdin.on('end', () => controller.abort()).on('error', () => controller.abort());
  process.stdin.resume();
  process.stdin.unref();
  return controller.signal;
}
