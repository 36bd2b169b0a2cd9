/**
 * Finds what to upload from the current run folder: cuts new data of growing files into chunks, and
 * returns the jobs.
 */

import { chunkKey, cut } from './chunks.ts';
import { type PublishableFile, publishableFiles } from './files.ts';
import type { Ledger } from './ledger.ts';
import type { Route } from './route.ts';
import type { PublishAs } from './run-folder/publishable.ts';
import type { Job } from './upload-queue.ts';
import { createUploads } from './uploads.ts';

/**
 * The jobs that bring the bucket up to date: chunks first, then whole files of the kinds asked for.
 * Cuts are recorded before they are used, so that a restart sends the same bytes under the same
 * names.
 */
export async function jobsFor(route: Route, kinds: readonly PublishAs[]): Promise<readonly Job[]> {
  const files = await publishableFiles(route.folder);
  const uploads = createUploads(route);
  if (kinds.includes('grown')) await cutGrown(route.ledger, files);
  const chunks = Object.entries(route.ledger.data.chunked).flatMap(([key, file]) =>
    file.chunks
      .filter(({ object }) => object === undefined)
      .map((chunk) => ({
        key: chunkKey(key, chunk.seq),
        run: (signal: AbortSignal) => uploads.chunk(key, file, chunk, signal),
      })),
  );
  const whole = files
    .filter(({ as }) => as !== 'grown' && kinds.includes(as))
    .map((file) => ({
      key: file.key,
      run: (signal: AbortSignal) => uploads.whole(file, signal),
    }));
  return [...chunks, ...whole];
}

async function cutGrown({ data, save }: Ledger, files: readonly PublishableFile[]): Promise<void> {
  let hasNew = false;
  for (const { key, source, as, bytes } of files) {
    if (as !== 'grown') continue;
    data.chunked[key] ??= { source, nextSeq: 1, chunks: [] };
    const file = data.chunked[key];
    for (const range of cut(file.chunks.at(-1)?.to ?? 0, bytes)) {
      file.chunks.push({ seq: file.nextSeq, ...range });
      file.nextSeq += 1;
      hasNew = true;
    }
  }
  if (hasNew) await save();
}
