/**
 * Full and read-only disks, on a small file system of their own: every command explains the problem
 * and keeps what is already there.
 */

import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { createRecordReader } from '../../../src/engine/tsung/output/records.ts';
import { hasCode } from '../../../src/errors.ts';
import { makeScenario } from '../../support/scenario.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');

type Disk = AsyncDisposable &
  Readonly<{ path: string; scenario: string; readOnly(): Promise<void> }>;

async function smallDisk(): Promise<Disk> {
  await using stack = new AsyncDisposableStack();
  const dir = await temporaryFolder('disk');
  const path = join(dir, 'disk');
  const scenario = join(dir, 'scenario');
  await mkdir(path);
  await mkdir(scenario);
  await makeScenario(scenario, { seconds: 60 });
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'tmpfs', path]);
  stack.defer(async () => void (await execa('umount', ['--lazy', path])));
  const owned = stack.move();
  return {
    path,
    scenario,
    readOnly: async () => void (await execa('mount', ['-o', 'remount,ro', path])),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** How many requests the engine has recorded. Its first record may be of its own delay only. */
async function recorded(out: string): Promise<number> {
  const files = await readdir(join(out, 'instance/runs'), { recursive: true, withFileTypes: true });
  const records = files.find(({ name }) => name === 'onager.records');
  if (records === undefined) return 0;
  const bytes = await readFile(join(records.parentPath, records.name));
  const totals = [...createRecordReader(records.name).push(bytes)].flatMap((batch) =>
    batch.type === 'totals' ? batch.totals : [],
  );
  const requests = totals.filter(({ kind }) => kind === 'request');
  return requests.reduce((sum, { count }) => sum + count, 0);
}

async function fill(path: string): Promise<void> {
  for (const size of [1024 ** 2, 4_096, 1]) {
    try {
      for (;;) await appendFile(join(path, 'fill'), Buffer.alloc(size));
    } catch (error) {
      if (!hasCode(error, 'ENOSPC')) throw error;
    }
  }
}

function onager(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return execa(node, [join(root, 'src/cli.ts'), ...args], { reject: false, env });
}

async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const { exitCode } = await execa('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt'], {
    reject: false,
  });
  return exitCode === 0;
}

const isPossible = await canMount();
if (!isPossible) process.stderr.write('disk.test.ts is skipped: it takes root, to mount a disk\n');

describe.skipIf(!isPossible)('a command whose disk', () => {
  it.each([
    ['is full', 'DISK_FULL', fill],
    ['is read only', 'DISK_READ_ONLY', (_: string, disk: Disk) => disk.readOnly()],
  ] as const)('%s says %s', async (_, code, spoil) => {
    await using disk = await smallDisk();
    const { path, scenario } = disk;
    await spoil(path, disk);
    const ended = await Promise.all([
      onager(['pack', scenario, '-o', join(path, 'x.zip')]),
      onager(['check', scenario], { TMPDIR: path }),
    ]);
    for (const { exitCode, stderr } of ended) {
      expect(stderr).toContain(`${code}: `);
      expect(stderr).toContain(path);
      expect(stderr).not.toContain('a fault of Onager');
      expect(exitCode).toBe(70);
    }
    const agent = await onager(['agent', '--state', join(path, 'a/b'), '--port', '0'], {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: 'file:///none',
    });
    if (code === 'DISK_READ_ONLY') expect(agent.stderr).toContain('DISK_READ_ONLY: ');
    const rehearsed = await onager(['rehearse', scenario, '--out', join(path, 'out'), '--exit']);
    expect(rehearsed.stderr).toMatch(/^(?:OUT_DISK_SPACE|DISK_READ_ONLY): /);
    expect(rehearsed.exitCode).toBe(70);
  });

  it('is full in the middle of a run ends with what was measured kept', async () => {
    await using disk = await smallDisk();
    const out = join(disk.path, 'out');
    const rehearsing = onager(['rehearse', disk.scenario, '--out', out, '--exit']);
    await new Promise<void>((resolve) => {
      rehearsing.stdout.on('data', (text: Buffer) => {
        if (text.includes('  running ')) resolve();
      });
    });
    await expect.poll(() => recorded(out), { timeout: 60_000 }).toBeGreaterThan(0);
    await fill(disk.path);
    const { exitCode, stderr } = await rehearsing;
    expect(stderr).toContain('DISK_FULL: ');
    expect(stderr).not.toContain('AGENT_FAILED');
    expect(exitCode).toBe(70);

    await rm(join(disk.path, 'fill'));
    const runs = join(out, 'instance/runs');
    const [run = ''] = await readdir(runs);
    expect(stderr).toContain(`onager report ${join(runs, run)}`);
    const reported = await onager(['report', join(runs, run)]);
    expect(reported.stdout).toContain('report   ');
    const summary = JSON.parse(await readFile(join(runs, run, 'report/summary.json'), 'utf8'));
    expect(summary.totals.requests).toBeGreaterThan(0);

    await writeFile(join(disk.path, 'fill'), '');
    await fill(disk.path);
    const again = await onager(['report', join(runs, run), '--out', join(disk.path, 'again')]);
    expect(again.stderr).toMatch(/^DISK_FULL: /);
    expect(again.exitCode).toBe(70);
  });
});
