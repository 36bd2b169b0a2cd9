/** What must be true of a bucket whose run has a manifest. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { Manifest } from '../../src/publish/manifest.ts';
import type { RunState } from '../../src/run/state.ts';

/**
 * Every object that the manifest names is there with its SHA-256, and the chunks add up to the
 * files. Gives the run as it ended.
 */
export async function expectWholeRun(bucketDir: string): Promise<RunState> {
  const [runId = '', ...more] = await readdir(join(bucketDir, 'runs'));
  expect(more).toEqual([]);
  const at = join(bucketDir, 'runs', runId);
  const manifest: Manifest = JSON.parse(await readFile(join(at, 'manifest.json'), 'utf8'));
  for (const { key, sha256 } of manifest.objects) {
    expect({ key, sha256: sum(await readFile(join(at, key))) }).toEqual({ key, sha256 });
  }
  for (const { chunks, file, sha256 } of manifest.files) {
    const parts = await Promise.all(chunks.map(({ key }) => readFile(join(at, key))));
    const bytes = Buffer.concat(parts.map((part) => gunzipSync(part)));
    expect({ file, sha256: sum(bytes) }).toEqual({ file, sha256 });
  }
  return JSON.parse(await readFile(join(at, 'run.json'), 'utf8'));
}

function sum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
