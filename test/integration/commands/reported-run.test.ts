/** What `onager report` finds in a folder, and what it leaves behind. */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, it } from 'vitest';
import { openReportedRun } from '../../../src/commands/reported-run.ts';
import { runFolder } from '../../../src/run/folder.ts';
import { endedRunJson } from '../../support/s3-run-folder.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir = '';
let reportDir = '';
beforeEach(async () => {
  dir = await temporaryFolder('copied');
  reportDir = join(dir, 'report');
  const run = {
    ...JSON.parse(endedRunJson('complete')),
    slo: [],
    engine: {
      name: 'tsung',
      version: '1.7.0',
      runtime: '25',
      loadPhases: [],
      targets: [],
      changes: [],
      sampling: { requests: 'each' },
    },
  };
  await writeFile(join(dir, 'run.json'), JSON.stringify(run));
  await mkdir(join(dir, 'raw/stdout.log'), { recursive: true });
  await writeFile(join(dir, 'raw/stdout.log/000001.gz'), gzipSync('started'));
});

it('leaves no joined files where it is ended at once', async () => {
  const abandoning = new AbortController();
  const { signal } = new AbortController();
  await using run = await openReportedRun(runFolder(dir), {
    reportDir,
    signal,
    abandoned: abandoning.signal,
  });
  expect(run.isPart).toBe(true);
  expect(await readdir(reportDir)).toEqual([expect.stringMatching(/^\.joined-/)]);
  abandoning.abort();
  expect(await readdir(reportDir)).toEqual([]);
});

it('says that a copy and a folder of an engine lie in one folder', async () => {
  await mkdir(join(dir, 'engine'));
  const { signal } = new AbortController();
  await expect(
    openReportedRun(runFolder(dir), { reportDir, signal, abandoned: signal }),
  ).rejects.toMatchObject({
    code: 'RUN_UNREADABLE',
    message: `${dir} holds a copy of a run out of the bucket, and a folder engine/ beside it`,
  });
});
