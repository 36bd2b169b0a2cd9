/** `onager report` on the run of a cluster: its leader's folder, and a copy out of the bucket. */

import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { report } from '../../../src/commands/report.ts';
import { silentLog } from '../../../src/log.ts';
import { createPublisher } from '../../../src/publish/publisher.ts';
import { startBucket } from '../../../src/rehearsal/bucket/bucket.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { parseSummary } from '../../../src/report/summary-schema.ts';
import { runFolder } from '../../../src/run/folder.ts';
import { clusterRun, parts, startS, writeRun } from '../../support/cluster-run-folder.ts';
import { allOddKinds, putOdd, secret } from '../../support/odd-files.ts';
import { expectWhole } from '../../support/s3-run-folder.ts';
import { downloaded, testCredentials } from '../../support/s3-servers.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir = '';
let root = '';
beforeEach(async () => {
  dir = await temporaryFolder('report-cluster');
  root = join(dir, 'run');
});

type Reported = Readonly<{ text: string; exit: number; summary: Summary }>;

async function reported(run: string): Promise<Reported> {
  const out = await temporaryFolder('out');
  const pageTemplate = '<script type="application/json" id="onager-data">{"live":true}</script>';
  const { signal } = new AbortController();
  const { text, exit } = await report(run, { out, pageTemplate, signal, abandoned: signal });
  const summary = parseSummary(await readFile(join(out, 'summary.json'), 'utf8'));
  return { text: text.replace(/\nreport .*/, ''), exit, summary: { ...summary, generatedAt: '' } };
}

describe('the folder of a leader', () => {
  it('is reported as one load, by the clock of the leader', async () => {
    await writeRun(root, clusterRun());
    const { exit, summary, text } = await reported(root);
    expect(exit).toBe(0);
    // Seven requests in each of eleven seconds.
    expect(summary.totals).toMatchObject({ requests: 77, usersStarted: 120, usersPeak: 12 });
    expect(summary.series).toMatchObject({
      startMs: startS * 1_000,
      stepMs: 1_000,
      requests: new Array(11).fill(7),
      users: [...new Array(10).fill(12), 0],
    });
    expect(summary.latency).toMatchObject({ minMs: 1, p50Ms: 2.501, maxMs: 800 });
    expect(summary.run).toMatchObject({ plannedUsers: 120 });
    expect(summary.generator).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(summary.cluster?.members).toHaveLength(3);
    expect(summary.members?.map(({ instanceId, requests }) => [instanceId, requests])).toEqual([
      ['i-0a', 44],
      ['i-0b', 22],
      ['i-0c', 11],
    ]);
    expect(text).toContain(
      `member         requests   rate  failed  CPU max  generator      load
i-0a (leader)        44  4.2/s       0     40 %      valid  complete
i-0b                 22  2.1/s       0     40 %      valid  complete
i-0c                 11  1.0/s       0     40 %      valid  complete
`,
    );
  });

  it('tells which member was lost, and that too few users were launched', async () => {
    const [leader, other, lost] = parts;
    if (leader === undefined || other === undefined || lost === undefined) return;
    await writeRun(root, clusterRun([leader, other, { ...lost, until: 4 }], {}));
    const { exit, summary, text } = await reported(root);
    expect(exit).toBe(3);
    expect(summary.run.outcome).toMatchObject({
      kind: 'interrupted',
      problem: { code: 'CLUSTER_MEMBER_LOST' },
    });
    expect(text).toContain(
      'outcome: interrupted, the member i-0c, which fired 25.00 % of the load, has no exit.json here',
    );
    expect(summary.totals).toMatchObject({ requests: 70, usersStarted: 102 });
    expect(summary.generator).toMatchObject({
      verdict: 'suspect',
      reasons: ['i-0c: only 12 of 30 planned users were launched'],
    });
  });

  it('of a member that followed is that of its own part', async () => {
    const { 'run.json': json = '', ...files } = clusterRun();
    const run = JSON.parse(String(json));
    const own = { ...run, cluster: { ...run.cluster, self: 'i-0a', leader: 'i-0b' } };
    await writeRun(root, { ...files, 'run.json': JSON.stringify(own) });
    const { summary } = await reported(root);
    expect(summary.totals.requests).toBe(44);
    expect(summary).not.toHaveProperty('members');
    expect(summary.cluster?.leader).toBe('i-0b');
  });

  it('reads no member whose name leads elsewhere', async () => {
    const [leader, ...others] = parts;
    if (leader === undefined) return;
    const named = others.map((member) => ({ ...member, instanceId: `../${member.instanceId}` }));
    await writeRun(root, clusterRun([leader, ...named]));
    const { summary } = await reported(root);
    expect(summary.totals.requests).toBe(44);
    expect(summary).not.toHaveProperty('members');
  });
});

describe('what another machine gave', () => {
  it.each(Object.keys(allOddKinds))('is not read and not published if it is %s', async (kind) => {
    await writeRun(root, clusterRun());
    const secretPath = join(dir, 'secret');
    await writeFile(secretPath, secret);
    for (const name of ['onager.records', 'generator.ndjson', 'exit.json'])
      await putOdd(kind, join(root, 'members/i-0b/engine', name), secretPath);
    await putOdd(kind, join(root, 'members/i-0c/logs/agent.log'), secretPath);
    const { summary } = await reported(root);
    expect(summary.totals.requests).toBe(55);
    const { objects } = await published(root);
    expect([...objects.keys()].filter((key) => /i-0b\/raw\/(?:onager|gen|exit)/.test(key))).toEqual(
      [],
    );
    for (const bytes of objects.values()) expect(bytes.includes(secret)).toBe(false);
  });

  it('is not read through a link in place of its folder', async () => {
    await writeRun(root, clusterRun());
    await mkdir(join(dir, 'elsewhere'));
    await writeRun(join(dir, 'elsewhere'), { 'engine/rows.log': secret, 'logs/a.log': secret });
    await rm(join(root, 'members/i-0b'), { recursive: true });
    await symlink(join(dir, 'elsewhere'), join(root, 'members/i-0b'));
    const { summary } = await reported(root);
    expect(summary.totals.requests).toBe(55);
    const { objects } = await published(root);
    expect([...objects.keys()].filter((key) => key.includes('i-0b'))).toEqual([]);
  });
});

describe('a copy out of the bucket', () => {
  it('has the files of all members, and the report of the leader', async () => {
    await writeRun(root, clusterRun());
    const { objects, copy } = await published(root);
    await expectWhole(objects, 'runs/run-1', runFolder(root));
    expect([...objects.keys()].filter((key) => key.includes('i-0b'))).toEqual(
      [
        'logs/agent.log',
        'logs/engine-host.log',
        'raw/exit.json/000001.gz',
        'raw/generator.ndjson/000001.gz',
        'raw/onager.records/000001.gz',
        'raw/tsung/20231114-2213/tsung.log/000001.gz',
        'run.json',
      ].map((key) => `runs/run-1/members/i-0b/${key}`),
    );
    const there = await reported(copy);
    expect(there).toEqual(await reported(root));
    // Without its manifest it is what lies there.
    await rm(join(copy, 'manifest.json'));
    const { summary } = await reported(copy);
    expect(summary.totals.requests).toBe(77);
    expect(summary.run.warnings).toMatchObject([{ code: 'COPY_INCOMPLETE' }]);
  });

  it('whose chunks of a member are not what was published is refused', async () => {
    await writeRun(root, clusterRun());
    const { copy } = await published(root);
    await writeFile(join(copy, 'members/i-0b/raw/onager.records/000001.gz'), 'other');
    await expect(reported(copy)).rejects.toMatchObject({
      code: 'COPY_DAMAGED',
      message: expect.stringContaining('members/i-0b/raw/onager.records/000001.gz has 5 bytes'),
    });
  });
});

/** The bucket's objects, and a copy of the run out of it. */
async function published(
  run: string,
): Promise<Readonly<{ objects: ReadonlyMap<string, Buffer>; copy: string }>> {
  const store = await temporaryFolder('bucket');
  const keys = { bucket: 'results', storeDir: store, ...testCredentials };
  const bucket = await startBucket(keys);
  try {
    const publisher = createPublisher({
      folder: runFolder(run),
      runId: 'run-1',
      settings: { bucket: 'results', prefix: 'runs', endpoint: bucket.endpoint },
      credentials: async () => testCredentials,
      defaultRegion: 'us-east-1',
      log: silentLog(),
      onChange: () => undefined,
    });
    const info = await publisher.finish(AbortSignal.timeout(30_000), { deadlineMs: 30_000 });
    expect(info).toMatchObject({ whole: true });
    await bucket.exportTo(join(store, 'copy'));
    return {
      objects: await downloaded(bucket.endpoint),
      copy: join(store, 'copy/runs/run-1'),
    };
  } finally {
    await bucket.close();
  }
}
