/** Copies what a member has written, as far as it has come, into the leader's run folder. */

import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isThere, writeWhole } from '../../files/files.ts';
import { maxPartBytes, parseFileList, type SharedFile } from '../following/shared-files.ts';

type GetPart = (question: Readonly<{ path: string; maxBytes?: number }>) => Promise<Buffer>;

type FileCopier = Readonly<{
  /** One round. `isLast`: the member's engine has ended, so that everything is copied. */
  copy(ask: GetPart, options: Readonly<{ isLast: boolean }>): Promise<void>;
  copiedBytes(): number;
}>;

const maxFiles = 8_192;
const maxListBytes = 8 * 1024 ** 2;
/** Files that change as a whole are copied again after so many rounds. */
const roundsOfWhole = 10;
/** So much of one file in one round: other members wait for their turn. */
const partsPerRound = 16;

/** What is larger is published as one that grows. */
const maxWholeBytes = 64 * 1024 ** 2;

const exitFile = 'engine/exit.json';

/** `into`: the folder of this member's files. */
export function createFileCopier(into: string): FileCopier {
  const known = new Map<string, SharedFile>();
  /** How much of each file that grows is here. */
  const copied = new Map<string, number>();
  let rounds = 0;
  let total = 0;
  let wasListed = false;

  async function copyGrown(ask: GetPart, file: SharedFile, isLast: boolean): Promise<void> {
    const path = join(into, file.source);
    const before = copied.get(file.source);
    if (before !== undefined && before >= file.bytes) return;
    if (before === undefined) await mkdir(dirname(path), { recursive: true });
    const copy = await open(path, 'a', 0o640);
    try {
      let { size } = await copy.stat();
      for (let parts = 0; size < file.bytes && (isLast || parts < partsPerRound); parts += 1) {
        const part = await ask({ path: partPath(file, size), maxBytes: maxPartBytes });
        if (part.length === 0) break;
        await copy.appendFile(part);
        size += part.length;
        total += part.length;
      }
      copied.set(file.source, size);
    } finally {
      await copy.close();
    }
  }

  async function copyWhole(ask: GetPart, file: SharedFile): Promise<void> {
    const parts: Buffer[] = [];
    for (let size = 0; size < file.bytes; ) {
      const part = await ask({ path: partPath(file, size), maxBytes: maxPartBytes });
      if (part.length === 0) break;
      parts.push(part);
      size += part.length;
    }
    const path = join(into, file.source);
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, Buffer.concat(parts));
    total += file.bytes + 1;
    known.set(file.source, file);
  }

  async function copyAll(
    ask: GetPart,
    files: readonly SharedFile[],
    isLast: boolean,
  ): Promise<void> {
    const takesWhole = isLast || rounds % roundsOfWhole === 0;
    for (const file of files) {
      if (file.source === exitFile || (!file.grows && file.bytes > maxWholeBytes)) continue;
      if (file.grows) await copyGrown(ask, file, isLast);
      else if (takesWhole && hasChanged(known.get(file.source), file)) await copyWhole(ask, file);
    }
    rounds += 1;
  }

  return {
    copiedBytes: () => total,
    async copy(ask, { isLast }) {
      const list = await ask({ path: '/run/files', maxBytes: maxListBytes });
      const files = parseFileList(list.toString()).slice(0, maxFiles);
      await copyAll(ask, files, isLast);
      // The engine's files are final only if they were listed when this was there already.
      const exit = files.find(({ source }) => source === exitFile);
      if (exit !== undefined && wasListed && !isThere(join(into, exitFile)))
        await copyWhole(ask, exit);
      wasListed = exit !== undefined;
    },
  };
}

function partPath({ source }: SharedFile, from: number): string {
  return `/run/file?${new URLSearchParams({ source, from: `${from}` })}`;
}

function hasChanged(before: SharedFile | undefined, now: SharedFile): boolean {
  return before?.bytes !== now.bytes || before.modifiedMs !== now.modifiedMs;
}
