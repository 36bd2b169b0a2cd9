/** Copies what a member has written, as far as it has come, into the leader's run folder. */

import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../files/files.ts';
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
    const before = copied.get(file.source);
    if (before !== undefined && before >= file.bytes) return;
    const path = join(into, file.source);
    if (before === undefined) await mkdir(dirname(path), { recursive: true });
    const copy = await open(path, 'a', 0o640);
    try {
      copied.set(file.source, await append(ask, file, copy, isLast));
    } finally {
      await copy.close();
    }
  }

  /** Returns how much of it is here now. */
  async function append(
    ask: GetPart,
    file: SharedFile,
    copy: FileHandle,
    isLast: boolean,
  ): Promise<number> {
    const most = isLast ? Number.POSITIVE_INFINITY : partsPerRound;
    let { size } = await copy.stat();
    for (let parts = 0; size < file.bytes && parts < most; parts += 1) {
      const part = await ask({ path: partPath(file, size), maxBytes: maxPartBytes });
      if (part.length === 0) break;
      await copy.appendFile(part);
      size += part.length;
      if (isOfEngine(file)) total += part.length;
    }
    return size;
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
    if (isOfEngine(file)) total += file.bytes + 1;
    known.set(file.source, file);
  }

  async function copyOne(ask: GetPart, file: SharedFile, isLast: boolean): Promise<void> {
    if (file.grows) return await copyGrown(ask, file, isLast);
    const isDue = isLast || rounds % roundsOfWhole === 0;
    const isCopied = file.bytes > maxWholeBytes || !hasChanged(known.get(file.source), file);
    if (isDue && !isCopied) await copyWhole(ask, file);
  }

  /** Where one cannot be copied, the others may. */
  async function copyAll(
    ask: GetPart,
    files: readonly SharedFile[],
    isLast: boolean,
  ): Promise<void> {
    const failures: unknown[] = [];
    for (const file of files) {
      if (file.source === exitFile) continue;
      await copyOne(ask, file, isLast).catch((error: unknown) => failures.push(error));
    }
    rounds += 1;
    if (failures.length > 0) throw failures[0];
  }

  return {
    copiedBytes: () => total,
    async copy(ask, { isLast }) {
      const list = await ask({ path: '/run/files', maxBytes: maxListBytes });
      const files = parseFileList(list.toString()).slice(0, maxFiles);
      await copyAll(ask, files, isLast);
      // The engine's files are final only if they were listed when this was there already; and the
      // engine may have put another file there before.
      const exit = files.find(({ source }) => source === exitFile);
      if (exit !== undefined && wasListed && isLast) await copyWhole(ask, exit);
      wasListed = exit !== undefined;
    },
  };
}

/** The member's own log grows as long as it runs. */
function isOfEngine({ source }: SharedFile): boolean {
  return source.startsWith('engine/');
}

function partPath({ source }: SharedFile, from: number): string {
  return `/run/file?${new URLSearchParams({ source, from: `${from}` })}`;
}

function hasChanged(before: SharedFile | undefined, now: SharedFile): boolean {
  return before?.bytes !== now.bytes || before.modifiedMs !== now.modifiedMs;
}
