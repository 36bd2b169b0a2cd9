/** Programs that run to their end: their output is kept, and every kind of end is reported. */

import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { type Execution, exec, execAtStart } from '../../src/exec.ts';

type Run = typeof exec;

function shellOf(run: Run): (script: string, options?: Partial<Execution>) => ReturnType<Run> {
  return (script, options = {}) =>
    run('sh', {
      args: ['-c', script],
      timeoutMs: 10_000,
      maxBytes: 1_000,
      signal: AbortSignal.timeout(20_000),
      ...options,
    });
}

describe.each([
  ['run by execa', exec],
  ['that the start waits for', execAtStart],
])('a program %s', (_, run) => {
  const sh = shellOf(run);

  it('reads what it is given, and no more of our environment than PATH and LANG', async () => {
    const script = 'cat >&2; env | cut -d= -f1 | sort | tr "\\n" " " >&2';
    const { ok, stderr } = await sh(script, { input: 'words ', env: { HOME: '/x' } });
    expect(stderr).toBe('words HOME LANG PATH PWD ');
    expect(ok).toBe(true);
  });

  it('that does not read its input is not waited for', async () => {
    const { ok } = await sh('exit 0', { input: 'x'.repeat(1_000_000) });
    expect(ok).toBe(true);
  });

  it('that ends badly is a failure, with what it said', async () => {
    const end = await sh('echo no >&2; exit 3');
    expect(end).toEqual({
      ok: false,
      stdout: '',
      stderr: 'no\n',
      words: 'it ended with exit code 3',
      isMissing: false,
      isKilled: false,
    });
  });

  it('that is not there is missing', async () => {
    const execution = {
      args: [],
      timeoutMs: 1_000,
      maxBytes: 1,
      signal: AbortSignal.timeout(5_000),
    };
    expect(await run('no-such-program', execution)).toMatchObject({ ok: false, isMissing: true });
  });

  it('that does not end in time is killed', async () => {
    const { isKilled, words } = await sh('trap "" TERM; while :; do :; done', { timeoutMs: 200 });
    expect(words).toBe('it did not end within 0.2 s');
    expect(isKilled).toBe(true);
  });

  it('that says too much is killed', async () => {
    const { words } = await sh('while :; do echo words >&2; done');
    expect(words).toBe('it wrote more than 1000 bytes');
  });

  it('ends when it is aborted', async () => {
    const signal = AbortSignal.timeout(200);
    await expect(sh('while :; do :; done', { signal })).rejects.toThrow(/aborted/);
  });

  it('whose output a daemon keeps open is left to itself', async () => {
    const script = 'echo words; setsid sh -c "echo \\$\\$; exec sleep 20" & sleep 0.5';
    const { ok, stdout, words } = await sh(script);
    const [said, pid] = stdout.split('\n');
    process.kill(Number(pid), 'SIGKILL');
    expect({ ok, said, words }).toEqual({ ok: true, said: 'words', words: '' });
  });

  it('whose arguments make no sense is a failure', async () => {
    const { ok, words } = await run('echo', { args: ['a\0b'] });
    expect(ok).toBe(false);
    expect(words).toContain('null bytes');
  });
});

describe('what a program has started', () => {
  const sh = shellOf(exec);

  it('is not waited for', async () => {
    const { ok, stdout } = await sh('sleep 300 & echo $!');
    expect(ok).toBe(true);
    await hasEnded(stdout);
  });

  it('is killed with it', async () => {
    const { stdout, words } = await sh('sleep 301 & echo $!; wait', { timeoutMs: 300 });
    expect(words).toBe('it did not end within 0.3 s');
    await hasEnded(stdout);
  });
});

/** A process that nobody has waited for yet is a zombie, which has ended as well. */
async function hasEnded(pid: string): Promise<void> {
  const stateOf = async (): Promise<string | undefined> => {
    const stat = await readFile(`/proc/${pid.trim()}/stat`, 'utf8').catch(() => '');
    return / ([A-Z]) /.exec(stat)?.[1];
  };
  await vi.waitFor(async () => expect([undefined, 'Z']).toContain(await stateOf()));
}
