/** What a copy of a run has where no manifest says it. */

import { expect, it } from 'vitest';
import { filesIn } from '../../../../src/publish/copy/copied-files.ts';
import { fill } from '../../../support/s3-run-folder.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

it('takes the chunks of a file up to the first that is not there', async () => {
  const dir = await temporaryFolder('copy');
  for (const name of [
    'run.json',
    'summary.json',
    'report.html',
    'report/report.html',
    'logs/agent.log',
    'raw/tsung/2026/ünï cödé.log/000001.gz',
    'raw/tsung/2026/ünï cödé.log/000002.gz',
    'raw/tsung/2026/ünï cödé.log/000002.gz.A1b2C3d4',
    'raw/tsung/2026/ünï cödé.log/000004.gz',
    'raw/rewritten/000002.gz',
    'raw/000001.gz',
    'manifest.json.A1b2C3d4',
  ]) {
    await fill(dir, name, '');
  }
  expect(await filesIn(dir)).toEqual({
    whole: [{ key: 'logs/agent.log' }, { key: 'run.json' }],
    chunked: [
      { key: 'raw/rewritten', chunks: [] },
      {
        key: 'raw/tsung/2026/ünï cödé.log',
        chunks: [
          { key: 'raw/tsung/2026/ünï cödé.log/000001.gz', bytes: 4 * 1024 ** 2 },
          { key: 'raw/tsung/2026/ünï cödé.log/000002.gz', bytes: 4 * 1024 ** 2 },
        ],
      },
    ],
    torn: ['raw/rewritten', 'raw/tsung/2026/ünï cödé.log'],
  });
});
