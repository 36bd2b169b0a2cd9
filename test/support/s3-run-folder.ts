/** A run folder to publish, and a check that the bucket contains what the folder does. */

import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { publishableFiles } from '../../src/publish/files.ts';
import type { Manifest } from '../../src/publish/manifest.ts';
import { type RunFolder, runFolder } from '../../src/run/folder.ts';

export async function fill(root: string, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

export async function grow(folder: RunFolder, path: string, content: string): Promise<void> {
  await appendFile(join(folder.engineDir, path), content);
}

/** The run.json of a run that is over. */
export function endedRunJson(kind: 'complete' | 'stopped'): string {
  return JSON.stringify({
    version: 1,
    onager: '1.2.3',
    runId: 'run-1',
    phase: 'finished',
    phases: [],
    settings: [],
    problems: [],
    warnings: [],
    outcome: { kind },
  });
}

/** A finished run with everything that a run folder can contain, secrets included. */
export async function finishedRun(root: string): Promise<RunFolder> {
  await fill(root, 'run.json', endedRunJson('complete'));
  await fill(root, 'settings.json', '[]');
  await fill(root, 'user-data', 'SECRET user-data');
  await fill(root, 'scenario.zip', Buffer.from('PK'));
  await fill(root, 'scenario/tsung.xml', '<tsung/>');
  await fill(root, 'engine/plan.json', '{"env":{"TOKEN":"SECRET"}}');
  await fill(root, 'engine/withdrawn.json', 'SECRET');
  await fill(root, 'engine/home/.erlang.cookie', 'SECRET');
  await fill(root, 'engine/stdout.log', 'started\n');
  await fill(root, 'engine/stderr.log', '');
  await fill(root, 'engine/exit.json', '{}');
  await fill(root, 'engine/log/20261122-2200/tsung.dump', rows(300_000));
  await fill(root, 'engine/log/20261122-2200/ünï cödé+&?#.log', rows(10));
  await fill(root, 'engine/empty', '');
  await fill(root, 'report/summary.json', '{"version":1}');
  await fill(root, 'report/report.html', '<!doctype html>');
  await fill(root, 'report/junit.xml', '<testsuites/>');
  await fill(root, 'report/native/graph.html', Buffer.alloc(5 * 1024 ** 2, 'g'));
  for (let index = 0; index < 20; index += 1) {
    await fill(root, `report/native/images/${index}.png`, `image ${index}`);
  }
  await fill(root, 'logs/agent.log', '{}\n');
  return runFolder(root);
}

/** That many lines, no two of them equal. */
export function rows(count: number, start = 0): string {
  return Array.from({ length: count }, (_, index) => `${start + index};get;/item;200\n`).join('');
}

/**
 * Compares the objects below the prefix with the manifest, and the manifest with the folder: every
 * checksum and every byte of every chunk is right, nothing is missing, the manifest names
 * everything, and there is no secret.
 */
export async function expectWhole(
  objects: ReadonlyMap<string, Buffer>,
  prefix: string,
  folder: RunFolder,
): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(String(objects.get(`${prefix}/manifest.json`)));
  for (const { key, size, sha256 } of manifest.objects) {
    const bytes = objects.get(`${prefix}/${key}`) ?? Buffer.from(`no object ${key}`);
    expect({ key, size: bytes.length, sha256: sum(bytes) }).toEqual({ key, size, sha256 });
  }
  const named = ['manifest.json', ...manifest.objects.map(({ key }) => key)];
  expect([...objects.keys()].toSorted()).toEqual(named.map((key) => `${prefix}/${key}`).toSorted());

  const chunks = new Map(manifest.files.map((file) => [file.file, file]));
  const files = await publishableFiles(folder);
  for (const { key, path, as } of files) {
    const local = await readFile(path);
    const file = chunks.get(key);
    const parts = file?.chunks.map((chunk) =>
      gunzipSync(objects.get(`${prefix}/${chunk.key}`) ?? ''),
    );
    const published = as === 'grown' ? Buffer.concat(parts ?? []) : objects.get(`${prefix}/${key}`);
    expect({ key, sha256: sum(published ?? Buffer.from('missing')) }).toEqual({
      key,
      sha256: sum(local),
    });
    if (as === 'grown') expect(file?.sha256).toBe(sum(local));
  }
  expect(chunks.size).toBe(files.filter(({ as }) => as === 'grown').length);
  for (const bytes of objects.values()) expect(bytes.includes('SECRET')).toBe(false);
  return manifest;
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
