/** The engine's walls, tried for real. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attempts, probeIsolation, readIsolation } from '../../../src/lifecycle/isolation.ts';

let runDir = '';
beforeEach(async () => {
  runDir = await mkdtemp(join(tmpdir(), 'onager-walls-'));
  await mkdir(join(runDir, 'engine'));
});
afterEach(() => rm(runDir, { recursive: true }));

describe('the probe', () => {
  it('sees state that lies open, and is done in a moment', async () => {
    const engineDir = join(runDir, 'engine');
    const tries = attempts(runDir);
    expect((await probeIsolation(engineDir, tries)).reachable).not.toContain('state');
    await writeFile(join(runDir, 'run.json'), '{}');
    const startedMs = performance.now();
    const found = await probeIsolation(engineDir, tries);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(found.reachable).toContain('state');
    expect(await readIsolation(engineDir)).toEqual(found);
  });
});
