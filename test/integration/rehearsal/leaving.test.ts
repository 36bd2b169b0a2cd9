/** However a rehearsal ends, nothing of it keeps firing, and it deletes only what belongs to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { putOdd } from '../../support/odd-files.ts';
import { makeScenario } from '../../support/scenario.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('leaving');
  await mkdir(join(dir, 'scenario'));
  await makeScenario(join(dir, 'scenario'), { seconds: 600 });
});

type Rehearsing = Readonly<{ child: ChildProcess; text(): string; ended: Promise<number | null> }>;

function rehearse(...options: readonly string[]): Rehearsing {
  const command = [join(root, 'src/cli.ts'), 'rehearse', join(dir, 'scenario'), '--exit'];
  return listenTo(spawn(node, [...command, ...options], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** On a terminal of its own, with npm in between. What is written to it are keys. */
async function rehearseOnTerminal(): Promise<Rehearsing & Readonly<{ press(): void }>> {
  const command = [node, join(root, 'src/cli.ts'), 'rehearse', 'scenario', '--out', 'out'];
  const scripts = { demo: `exec ${command.join(' ')}` };
  await writeFile(join(dir, 'package.json'), JSON.stringify({ scripts }));
  // A shell in between: script would stop itself together with its own child.
  const shell = 'trap : INT; npm run demo; exit $?';
  const child = spawn('script', ['-qec', shell, '/dev/null'], {
    cwd: dir,
    // Where npm keeps its compiled code.
    env: { ...process.env, TMPDIR: dir },
  });
  return { ...listenTo(child), press: () => void child.stdin.write('\x03') };
}

function listenTo(child: ChildProcess): Rehearsing {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  return { child, text: () => text, ended };
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  while (!(await isSo())) {
    if (deadline.aborted) throw new Error(`not in a minute: ${what}`);
    await sleep(50);
  }
}

/** Processes whose command line names this test's folder, or that work in it. */
async function left(): Promise<readonly Readonly<{ pid: number; line: string }>[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      line: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      cwd: await readlink(`/proc/${pid}/cwd`).catch(() => ''),
    })),
  );
  return all.filter(({ line, cwd }) => line.includes(dir) || cwd.startsWith(dir));
}

async function pressUntil(ended: Promise<number | null>, press: () => void) {
  const pressing = setInterval(press, 100);
  return await ended.finally(() => clearInterval(pressing));
}

async function engineDir(): Promise<string> {
  const runs = join(dir, 'out', 'instance', 'runs');
  const [run = ''] = await readdir(runs);
  return join(runs, run, 'engine');
}

async function nothingIsLeft(): Promise<void> {
  await until(async () => (await left()).length === 0, 'nothing of the rehearsal runs');
}

describe('leaving a rehearsal', () => {
  it('by one Ctrl-C before the agent is up: the load never begins or ends at once, and that is reported', async () => {
    const { child, ended, text } = rehearse('--out', join(dir, 'out'));
    await until(() => text().includes('page:'), 'the page is announced');
    child.kill('SIGINT');
    expect(await ended).toBe(3);
    expect(text()).toContain('Ctrl-C again leaves at once');
    await nothingIsLeft();
  });

  it('by one Ctrl-C while something else blocks the files that the engine will write', async () => {
    const { child, ended, text } = rehearse('--out', join(dir, 'out'));
    await until(() => text().includes('running'), 'it runs');
    for (const name of ['exit.json', 'fired.json'])
      await putOdd('a pipe', join(await engineDir(), name), '');
    child.kill('SIGINT');
    expect(await ended).toBe(3);
    await nothingIsLeft();
  });

  it('by one Ctrl-C on a terminal, which npm passes on once more: it reports what it measured', async () => {
    const { ended, press, text } = await rehearseOnTerminal();
    await until(() => /p95 \d/.test(text()), 'it has measured something');
    press();
    expect(await ended).toBe(3);
    expect(await left()).toEqual([]);
    expect(text()).toMatch(/outcome: stopped after \d+ of 600 s, as it was asked to/);
    const report = /^report +(.+?)\r?$/m.exec(text())?.[1] ?? '';
    expect(await readFile(report, 'utf8')).toContain('<html');
  });

  it('by one Ctrl-C on a terminal that npm passes on much later', async () => {
    const { ended, press, text } = await rehearseOnTerminal();
    await until(() => /p95 \d/.test(text()), 'it has measured something');
    const processes = await left();
    const npm = Number(processes.find(({ line }) => line.startsWith('npm run demo'))?.pid);
    const agent = Number(processes.find(({ line }) => line.includes('\0agent\0'))?.pid);
    for (const pid of [npm, agent]) process.kill(pid, 'SIGSTOP');
    press();
    await until(() => text().includes('Ctrl-C again leaves at once'), 'it has heard the first');
    // npm is this late, and the agent has not ended the load when it is heard.
    await sleep(1_000);
    process.kill(npm, 'SIGCONT');
    await sleep(500);
    process.kill(agent, 'SIGCONT');
    expect(await ended).toBe(3);
    expect(text()).toMatch(/outcome: stopped after \d+ of 600 s, as it was asked to/);
  });

  it('by Ctrl-C again and again on a terminal: it leaves at once, and nothing stays behind', async () => {
    const { ended, press, text } = await rehearseOnTerminal();
    await until(() => text().includes('running'), 'it runs');
    const code = await pressUntil(ended, press);
    expect(await left()).toEqual([]);
    expect(code).toBe(130);
    expect(text()).not.toContain('outcome:');
    expect(text()).toContain(`Left at once, without a report. What was measured is in ${dir}`);
  });

  it('by closing its output, as `| head` does: it ends as it would have', async () => {
    const { child, ended, text } = rehearse('--out', join(dir, 'out'));
    await until(() => text().includes('running'), 'it runs');
    child.stdout?.destroy();
    child.kill('SIGINT');
    expect(await ended).toBe(3);
    expect(text()).not.toContain('EPIPE');
    await nothingIsLeft();
  });

  it('by kill -9', async () => {
    const { child, text } = rehearse('--out', join(dir, 'out'));
    await until(() => text().includes('running'), 'it runs');
    child.kill('SIGKILL');
    await nothingIsLeft();
  });

  it('by kill -9 while something else blocks the files that the engine writes', async () => {
    const { child, text } = rehearse('--out', join(dir, 'out'));
    await until(() => text().includes('running'), 'it runs');
    for (const name of ['exit.json', 'fired.json', 'withdrawn.json'])
      await putOdd('a pipe', join(await engineDir(), name), '');
    child.kill('SIGKILL');
    await nothingIsLeft();
  });

  it('by kill -9 before the engine fires: it never does, however late its host is', async () => {
    const { child } = rehearse('--out', join(dir, 'out'));
    let host: number | undefined;
    await until(async () => {
      host = (await left()).find(({ line }) => /\0engine\0.*plan\.json/.test(line))?.pid;
      return host !== undefined;
    }, 'the host is on its way');
    process.kill(Number(host), 'SIGSTOP');
    const at = await engineDir();
    expect(await readdir(at)).not.toContain('fired.json');
    child.kill('SIGKILL');
    await until(async () => (await readdir(at)).includes('withdrawn.json'), 'it is taken back');
    await until(async () => (await left()).length === 1, 'the host alone is left');
    process.kill(Number(host), 'SIGCONT');
    await nothingIsLeft();
    // It is told to end too, and hears that before or after its claim.
    const names = await readdir(at);
    expect(names.includes('exit.json')).toBe(names.includes('fired.json'));
    expect(names).not.toContain('engine.json');
  });
});

describe('the folder and the port of a rehearsal', () => {
  it('a folder with somebody else’s instance/ is left alone', async () => {
    const precious = join(dir, 'project', 'instance', 'main.tf');
    await mkdir(join(dir, 'project', 'instance'), { recursive: true });
    await writeFile(precious, 'precious');
    const { ended, text } = rehearse('--out', join(dir, 'project'));
    expect(await ended).toBe(64);
    expect(text()).toContain('OUT_NOT_EMPTY');
    expect(await readFile(precious, 'utf8')).toBe('precious');
  });

  it('a file in the place of the folder is refused in words', async () => {
    const { ended, text } = rehearse('--out', join(dir, 'scenario/tsung.xml'));
    expect(await ended).toBe(64);
    expect(text()).toContain('OUT_INVALID');
  });

  it('a port that is taken is refused in words', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { ended, text } = rehearse('--out', join(dir, 'out'), '--port', String(port));
    expect(await ended).toBe(64);
    expect(text()).toContain('PORT_TAKEN');
    server.close();
  });
});
