/**
 * The launcher that uses systemd, with a systemctl that does what systemd would do, or fails to.
 */

import { spawn } from 'node:child_process';
import { chmod, open, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readExit, writeFirstExit } from '../../../../src/engine/handover/exit-file.ts';
import { readFired } from '../../../../src/engine/handover/process-file.ts';
import type { Launcher } from '../../../../src/engine/launcher/launcher.ts';
import { createSystemdLauncher } from '../../../../src/engine/launcher/systemd.ts';
import type { SystemdTiming } from '../../../../src/engine/launcher/unit-start.ts';
import { identify } from '../../../../src/engine/processes.ts';
import { type FakeRun, fakeHostCommand, fakeRun, until } from '../../../support/fake-engine-run.ts';
import { putOdd } from '../../../support/odd-files.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const unit = 'engine.service';
const at = '2026-11-22T22:00:00Z';
const leftovers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const dispose of leftovers.splice(0)) await dispose();
});

describe('firing by systemd', () => {
  it('points the unit to the plan, starts it, and resolves once it has fired', async () => {
    const { calls, launcher, link, run } = await machine('forever');
    expect(await launcher.status(run.dir)).toBe('not-fired');
    await launcher.start(run.planPath);
    expect(await readFired(run.dir)).toBeDefined();
    expect(await readlink(link)).toBe(run.planPath);
    expect(await launcher.status(run.dir)).toBe('running');
    await launcher.start(run.planPath);
    expect((await calls()).filter((call) => call.startsWith('start'))).toEqual([`start ${unit}`]);
  });

  it('says what systemd says where the start is refused', async () => {
    const refusal = 'Failed to start engine.service: Access denied';
    const { launcher, run } = await machine('well', { start: `echo "${refusal}" >&2; exit 4` });
    await expect(launcher.start(run.planPath)).rejects.toMatchObject({
      code: 'ENGINE_HOST_FAILED',
      message: `${unit} did not fire: ${refusal}`,
    });
    expect(await launcher.status(run.dir)).toBe('not-fired');
  });

  it('says how a supervisor ended that did not fire', async () => {
    const { launcher, run } = await machine('well', { start: 'echo 999999 > "$dir/pid"' });
    await expect(launcher.start(run.planPath)).rejects.toMatchObject({
      message: `${unit} did not fire: systemd says exit-code (status 70)`,
    });
  });

  it('waits for a supervisor that does nothing, until the plan is taken back; then it has it ended', async () => {
    const idle = started('sleep 1000');
    const { calls, launcher, pid, run } = await machine('well', { start: idle });
    const taken = new AbortController();
    const failures: string[] = [];
    const starting = launcher.start(run.planPath, {
      withdrawn: taken.signal,
      onFailure: (why) => failures.push(why),
    });
    await until('three looks', async () => {
      const made = await calls().catch(() => []);
      return made.filter((call) => call.startsWith('show')).length > 2;
    });
    taken.abort();
    expect(await starting).toBe('withdrawn');
    expect(failures).toEqual([]);
    await until('the order to stop', async () =>
      (await calls()).includes(`stop --no-block ${unit}`),
    );
    const idler = await pid();
    await until('the end of the idler', () => identify(idler) === undefined);
  });

  it('tries again where the start is refused, as long as polkit is not up, and says so', async () => {
    const refusal = 'Failed to start engine.service: Connection timed out';
    const { calls, launcher, run } = await machine(
      'forever',
      {
        start: `if [ $(grep -c ^start "$dir/calls") -lt 4 ]; then echo "${refusal}" >&2; exit 1; fi
    ${started(host)}`,
      },
      { patienceMs: 60_000 },
    );
    const failures: string[] = [];
    await launcher.start(run.planPath, { onFailure: (why) => failures.push(why) });
    expect(failures).toEqual([refusal, refusal, refusal]);
    expect((await calls()).filter((call) => call.startsWith('start'))).toHaveLength(4);
    expect(await launcher.status(run.dir)).toBe('running');
  });

  it('tries again where the machine cannot start a systemctl at all', async () => {
    const { launcher, run, systemctl } = await machine(
      'forever',
      { start: started(host) },
      { patienceMs: 60_000 },
    );
    // A program that is open for writing cannot be started.
    const busy = await open(systemctl, 'a');
    const failures: string[] = [];
    const starting = launcher.start(run.planPath, {
      onFailure(why) {
        failures.push(why);
        void busy.close();
      },
    });
    expect(await starting).toBe('fired');
    expect(failures[0]).toContain('ETXTBSY');
  });

  it('takes a systemctl that does not answer in time for one that has done nothing, and asks anew', async () => {
    const { launcher, run } = await machine(
      'forever',
      {
        start: `if [ $(grep -c ^start "$dir/calls") -lt 2 ]; then exec sleep 1000; fi
    ${started(host)}`,
      },
      { changeMs: 500, patienceMs: 60_000 },
    );
    const failures: string[] = [];
    expect(await launcher.start(run.planPath, { onFailure: (why) => failures.push(why) })).toBe(
      'fired',
    );
    expect(failures).toContain('systemctl: it did not end within 0.5 s');
  });

  it('fires once where a systemctl that was given up starts the unit late after all', async () => {
    // PID 1 still carries out a request whose sender is gone.
    const wait = 'until [ -e "$0/go" ]; do [ -d "$0" ] || exit; sleep 0.1; done';
    const late = `${started(`(${wait}; ${host})`)}
    exec sleep 1000`;
    const { launcher, link, run } = await machine('forever', { start: late }, { changeMs: 200 });
    await expect(launcher.start(run.planPath)).rejects.toMatchObject({
      code: 'ENGINE_HOST_FAILED',
      message: `${unit} did not fire: systemctl: it did not end within 0.2 s`,
    });
    await writeFile(join(dirname(link), 'go'), '');
    await until('the end of the late host', () => readExit(run.dir));
    expect(await run.pids()).toEqual([]);
  });

  it('concludes nothing from a systemctl that does not answer', async () => {
    const { launcher, run, silence } = await machine('forever');
    await launcher.start(run.planPath);
    await silence();
    expect(await launcher.status(run.dir)).toBe('running');
    await launcher.reap(run.dir);
    expect(await readExit(run.dir)).toBeUndefined();
  });
});

describe('the end by systemd', () => {
  it('is requested without waiting, and recorded by the supervisor', async () => {
    const { calls, launcher, run } = await machine('forever');
    await launcher.start(run.planPath);
    await until('the engine', async () => (await run.pids()).length > 0);
    await launcher.stop(run.dir);
    expect(await calls()).toContain(`stop --no-block ${unit}`);
    expect(await until('exit.json', () => readExit(run.dir))).toMatchObject({ reason: 'stopped' });
    // That was the supervisor's last act. It exits a moment later, and the unit runs until then.
    await until('the end', async () => (await launcher.status(run.dir)) === 'ended');
    await launcher.stop(run.dir);
    expect((await calls()).filter((call) => call.startsWith('stop'))).toHaveLength(1);
  });

  it('of a stuck supervisor is requested again: after the unit’s time limit, systemd kills it', async () => {
    const { calls, launcher, pid, run } = await machine('forever', {
      stop: 'kill -KILL $(cat "$dir/pid")',
    });
    await launcher.start(run.planPath);
    const host = await pid();
    process.kill(host, 'SIGSTOP');
    await launcher.kill(run.dir);
    await until('the end of the host', () => identify(host) === undefined);
    expect(await calls()).toContain(`stop --no-block ${unit}`);
    await launcher.reap(run.dir, 'it was stuck');
    expect(await readExit(run.dir)).toMatchObject({
      reason: 'lost',
      detail: expect.stringMatching(/without recording how; it was stuck; systemd says/),
    });
  });

  it.each([
    ['fired.json', 'a pipe'],
    ['fired.json', 'nothing'],
    ['fired.json', 'nothing that makes sense'],
    ['exit.json', 'a pipe'],
    ['exit.json', 'what is not an end'],
  ])('is requested whatever the engine has replaced %s with: %s', async (name, kind) => {
    const { anew, calls, launcher: before, pid, run } = await machine('forever');
    await before.start(run.planPath);
    const host = await pid();
    if (kind === 'a pipe') await putOdd(kind, join(run.dir, name), '');
    else if (kind === 'nothing') await rm(join(run.dir, name));
    else if (name === 'fired.json') await writeFile(join(run.dir, name), '{}');
    else await writeFirstExit(run.dir, { startedAt: at, endedAt: at, reason: 'ended' });
    // The launcher of a restarted agent: the first one already knows who fired.
    await anew().stop(run.dir);
    expect(await calls()).toContain(`stop --no-block ${unit}`);
    await until('the end of the host', () => identify(host) === undefined);
  });

  it('is not what the engine has written into exit.json, as long as the unit runs', async () => {
    const { anew, launcher: before, pid, run } = await machine('forever');
    await before.start(run.planPath);
    const host = await pid();
    await writeFirstExit(run.dir, { startedAt: at, endedAt: at, reason: 'ended' });
    for (const launcher of [before, anew()]) {
      expect(await launcher.status(run.dir)).toBe('running');
    }
    await before.stop(run.dir);
    await until('the end of the host', () => identify(host) === undefined);
    expect(await before.status(run.dir)).toBe('ended');
    expect(await readExit(run.dir)).toMatchObject({ reason: 'stopped' });
  });

  it('says so where it is refused', async () => {
    const { launcher, run } = await machine('forever', {
      stop: 'echo "Access denied" >&2; exit 4',
    });
    await launcher.start(run.planPath);
    await expect(launcher.stop(run.dir)).rejects.toMatchObject({
      code: 'ENGINE_STOP_DENIED',
      message: `cannot stop ${unit}: Access denied`,
    });
  });

  it('of a supervisor that was killed is lost, then written, with what systemd knows of it', async () => {
    const { launcher, pid, run } = await machine('forever');
    await launcher.start(run.planPath);
    const host = await pid();
    await launcher.reap(run.dir);
    expect(await readExit(run.dir)).toBeUndefined();
    process.kill(host, 'SIGKILL');
    await until('the end of the host', () => identify(host) === undefined);
    expect(await launcher.status(run.dir)).toBe('lost');
    await launcher.reap(run.dir);
    expect(await readExit(run.dir)).toMatchObject({
      reason: 'lost',
      detail: expect.stringMatching(
        /ended without recording how; systemd says exit-code \(status 70\)$/,
      ),
    });
    expect(await launcher.status(run.dir)).toBe('ended');
  });

  it('in an earlier boot is lost, whatever the unit does now', async () => {
    const { anew, launcher: before, run } = await machine('forever');
    await before.start(run.planPath);
    const fired = join(run.dir, 'fired.json');
    const told = JSON.parse(await readFile(fired, 'utf8'));
    await writeFile(fired, JSON.stringify({ ...told, bootId: 'another' }));
    const launcher = anew();
    expect(await launcher.status(run.dir)).toBe('lost');
    await launcher.reap(run.dir);
    expect(await readExit(run.dir)).toMatchObject({ reason: 'lost' });
  });
});

type Machine = Readonly<{
  run: FakeRun;
  launcher: Launcher;
  /** The launcher of a restarted agent. */
  anew(): Launcher;
  systemctl: string;
  link: string;
  pid(): Promise<number>;
  calls(): Promise<readonly string[]>;
  silence(): Promise<void>;
}>;

/** The supervisor of the plan behind the link, in the words of `started`. */
const host = `${fakeHostCommand.join(' ')} "$0/plan"`;

/**
 * What PID 1 starts belongs to it, and not to the systemctl that asked for it. `command`: its `$0`
 * is the folder of the machine.
 */
function started(command: string): string {
  return `setsid sh -c '${command} >>"$0/log" 2>&1 & echo $! > "$0/pid"' "$dir"`;
}

/**
 * A run, and a systemctl whose one unit runs the plan behind the link. `start` and `stop` replace
 * what those verbs do.
 */
async function machine(
  mode: string,
  verbs: Readonly<{ start?: string; stop?: string }> = {},
  timing: Partial<SystemdTiming> = {},
): Promise<Machine> {
  const run = await fakeRun(mode);
  const dir = await temporaryFolder('systemctl');
  const systemctl = join(dir, 'systemctl');
  const link = join(dir, 'plan');
  const { start = started(host), stop = 'kill $(cat "$dir/pid")' } = verbs;
  await writeFile(
    systemctl,
    `#!/bin/sh
dir=${dir}
shift 2 # --no-ask-password --no-pager
echo "$*" >> $dir/calls
case $1 in
  start) ${start} ;;
  stop) ${stop} ;;
  show)
    # A zombie is gone.
    if grep -q '^State:.[^Z]' "/proc/$(cat $dir/pid)/status" 2>/dev/null; then
      printf 'ActiveState=active\\nResult=success\\nExecMainStatus=0\\n'
    else
      printf 'ActiveState=failed\\nResult=exit-code\\nExecMainStatus=70\\n'
    fi ;;
esac
`,
  );
  await chmod(systemctl, 0o755);
  const pid = async () => Number(await readFile(join(dir, 'pid'), 'utf8'));
  leftovers.push(async () => {
    const host = (await readFired(run.dir).catch(() => undefined))?.pid;
    if (host !== undefined && identify(host) !== undefined) spawn('kill', ['-9', String(host)]);
    await run.dispose();
  });
  const anew = () =>
    createSystemdLauncher({
      unit,
      planLink: link,
      systemctl,
      timing: { firstMs: 20, capMs: 50, patienceMs: 200, showEveryMs: 50, ...timing },
    });
  return {
    run,
    systemctl,
    link,
    pid,
    launcher: anew(),
    anew,
    calls: async () => (await readFile(join(dir, 'calls'), 'utf8')).trim().split('\n'),
    silence: () => writeFile(systemctl, '#!/bin/sh\necho "Failed to connect to bus" >&2; exit 1\n'),
  };
}
