import { writeFileSync } from 'node:fs';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  publishableFiles,
  publishedFiles,
  refusedProblem,
  surveyRun,
} from '../../../src/publish/files.ts';
import { runFolder } from '../../../src/run/folder.ts';
import { temporaryFolder } from '../../support/temporary.ts';

describe('publishableFiles', () => {
  let root: string;
  beforeEach(async () => {
    root = await temporaryFolder('layout');
  });

  async function fill(path: string, content = 'x'): Promise<string> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    return join(root, path);
  }

  it('gives every published file with its place and size, in the order of the keys', async () => {
    await fill('run.json', '{}');
    await fill('engine/log/rows', 'abc');
    await fill('engine/plan.json');
    await fill('user-data', 'secret');
    await expect(publishedFiles(runFolder(root))).resolves.toEqual([
      {
        key: 'raw/log/rows',
        path: join(root, 'engine/log/rows'),
        bytes: 3,
        source: 'engine/log/rows',
      },
      { key: 'run.json', path: join(root, 'run.json'), bytes: 2, source: 'run.json' },
    ]);
  });

  it('follows no link, neither to a file nor to a folder', async () => {
    const secret = await fill('user-data', 'secret');
    await fill('engine/rows');
    await symlink(secret, join(root, 'engine', 'link'));
    await symlink('/etc', join(root, 'engine', 'etc'));
    const files = await publishedFiles(runFolder(root));
    expect(files.map(({ key }) => key)).toEqual(['raw/rows']);
  });

  it('reads so many files of a folder and no more, says so, and leaves others alone', async () => {
    await fill('engine/tsung/20261122-2210/tsung-1.dump');
    const names = Array.from({ length: 4_200 }, (_, index) => `engine/${index}`);
    for (const name of names) writeFileSync(join(root, name), '');
    await fill('engine/generator.ndjson');
    await fill('logs/agent.log');
    const folder = runFolder(root);
    const { files, refused } = await surveyRun(folder);
    const keys = files.map(({ key }) => key);
    expect(keys).toHaveLength(4_096 + 3);
    expect(keys).toEqual(
      expect.arrayContaining([
        'logs/agent.log',
        'raw/generator.ndjson',
        'raw/tsung/20261122-2210/tsung-1.dump',
      ]),
    );
    expect(refusedProblem(folder, refused)?.message).toBe(
      'not read and not published: "engine" (it has 104 files and folders too many)',
    );
  });

  it('leaves out what has no name in S3, where nothing else could be finished', async () => {
    const part = 'x'.repeat(200);
    await fill(`engine/${part}/${part}/${part}/${part}/rows`);
    await fill('engine/rows');
    const { files, refused } = await surveyRun(runFolder(root));
    expect(files.map(({ key }) => key)).toEqual(['raw/rows']);
    expect(refused.map(({ reason }) => reason)).toEqual(['its path is too long for S3']);
  });

  it('finds nothing in a folder that is still empty', async () => {
    await expect(publishedFiles(runFolder(join(root, 'none')))).resolves.toEqual([]);
  });

  it('publishes a file that is too large for one request in chunks', async () => {
    await truncate(await fill('scenario.zip'), 64 * 1024 ** 2 + 1);
    await expect(publishableFiles(runFolder(root))).resolves.toMatchObject([
      { source: 'scenario.zip', key: 'raw/scenario.zip', as: 'grown' },
    ]);
  });
});
