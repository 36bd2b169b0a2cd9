/** The engine's isolation, tried for real. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  answers,
  attempts,
  probeIsolation,
  readIsolation,
} from '../../../../src/engine/supervisor/isolation.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

let runDir = '';
beforeEach(async () => {
  runDir = await temporaryFolder('walls');
  await mkdir(join(runDir, 'engine'));
});

describe('the probe', () => {
  it('sees a way that is open, though it had no processor to see it for longer than it waits', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const open = answers({ host: '127.0.0.1', port });
    // As on a machine whose processor is busy: the program notices nothing in the meantime,
    // although the kernel has connected.
    for (const startedMs = performance.now(); performance.now() - startedMs < 4_000; );
    expect(await open).toBe(true);
    server.close();
    expect(await answers({ host: '127.0.0.1', port })).toBe(false);
  });

  it('sees state that lies open', async () => {
    const engineDir = join(runDir, 'engine');
    const tries = attempts(runDir);
    expect((await probeIsolation(engineDir, tries)).reachable).not.toContain('state');
    await writeFile(join(runDir, 'run.json'), '{}');
    const found = await probeIsolation(engineDir, tries);
    expect(found.reachable).toContain('state');
    expect(await readIsolation(engineDir)).toEqual(found);
  });
});
