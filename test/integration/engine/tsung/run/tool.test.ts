/** Programs that are run to their end: what they say is kept, and however they end is told. */

import { describe, expect, it } from 'vitest';
import { runTool, type ToolRun } from '../../../../../src/engine/tsung/run/tool.ts';

function sh(script: string, options: Partial<ToolRun> = {}): ReturnType<typeof runTool> {
  const signal = AbortSignal.timeout(20_000);
  return runTool('sh', {
    args: ['-c', script],
    timeoutMs: 10_000,
    maxBytes: 1_000,
    signal,
    ...options,
  });
}

describe('a program', () => {
  it('reads what it is given, and no more of our environment than PATH and LANG', async () => {
    const script = 'cat >&2; env | cut -d= -f1 | sort | tr "\\n" " " >&2';
    const { stderr, failure } = await sh(script, { input: 'words ', env: { HOME: '/x' } });
    expect(stderr).toBe('words HOME LANG PATH PWD ');
    expect(failure).toBeUndefined();
  });

  it('that does not read its input is not waited for', async () => {
    const { failure } = await sh('exit 0', { input: 'x'.repeat(1_000_000) });
    expect(failure).toBeUndefined();
  });

  it('that ends badly is a failure, with what it said', async () => {
    const { stderr, failure } = await sh('echo no >&2; exit 3');
    expect(stderr).toBe('no\n');
    expect(failure?.isMissing).toBe(false);
  });

  it('that is not there is missing', async () => {
    const run = { args: [], timeoutMs: 1_000, maxBytes: 1, signal: AbortSignal.timeout(5_000) };
    expect((await runTool('no-such-program', run)).failure?.isMissing).toBe(true);
  });

  it('that does not end in time is killed', async () => {
    const { failure } = await sh('trap "" TERM; while :; do :; done', { timeoutMs: 200 });
    expect(failure?.reason).toBe('it did not end within 0.2 s');
  });

  it('that says too much is killed', async () => {
    const { failure } = await sh('while :; do echo words >&2; done');
    expect(failure?.reason).toMatch(/maxBuffer/);
  });

  it('ends when nobody wants it any more', async () => {
    const signal = AbortSignal.timeout(200);
    await expect(sh('while :; do :; done', { signal })).rejects.toThrow(/aborted/);
  });
});
