/** A program that misbehaves as an engine might: `node fake-engine-program.ts MODE`. */

import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';

const [mode] = process.argv.slice(2);
const { FAKE_OUT = 'out.ndjson', FAKE_STOP = 'stop', FAKE_PIDS = 'pids' } = process.env;
const live = (): NodeJS.Timeout => setInterval(() => undefined, 1_000);
const note = (pid: number | undefined): void => appendFileSync(FAKE_PIDS, `${pid}\n`);
const sample = (i: number): void => {
  const line = { endMs: Date.now(), durationUs: 1_000 + i, name: i % 2 === 0 ? 'even' : 'odd' };
  appendFileSync(FAKE_OUT, `${JSON.stringify(line)}\n`);
};

/**
 * Starts a process that outlives this one; with `away`, like a daemon: in another session and
 * without a pipe to us.
 */
function leave({ away }: { away: boolean }): void {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: away,
    stdio: away ? 'ignore' : 'inherit',
  });
  child.unref();
  note(child.pid);
}

/** Detaches twice: the daemon's parent ends at once, as that of `epmd -daemon` does. */
function daemonize(): void {
  spawn(process.execPath, [process.argv[1] ?? '', 'daemon-parent'], {
    detached: true,
    stdio: 'ignore',
  });
}

note(process.pid);
switch (mode) {
  case 'well':
    for (let i = 0; i < 10; i++) sample(i);
    process.stdout.write('all is well\n');
    break;
  case 'fails':
    process.stderr.write('all is lost\n');
    process.exitCode = 3;
    break;
  case 'polite':
    sample(0);
    setInterval(() => {
      if (!existsSync(FAKE_STOP)) return;
      sample(1);
      process.exit(0);
    }, 20);
    break;
  case 'forever':
    sample(0);
    live();
    break;
  case 'deaf':
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
    leave({ away: false });
    sample(0);
    live();
    break;
  case 'daemon':
    daemonize();
    setInterval(() => existsSync(`${FAKE_PIDS}.daemon`) && process.exit(0), 20);
    break;
  case 'daemon-parent':
    leave({ away: true });
    writeFileSync(`${FAKE_PIDS}.daemon`, '');
    process.exit(0);
    break;
  case 'daemon-forever':
    daemonize();
    live();
    break;
  case 'leaves-child':
    leave({ away: false });
    process.stdout.write('gone\n');
    break;
  case 'flood': {
    const block = 'x'.repeat(1024 ** 2);
    for (let i = 0; i < 20; i++) process.stdout.write(block);
    process.stderr.write('flooded\n');
    break;
  }
  default:
    throw new Error(`no such mode: ${mode}`);
}
