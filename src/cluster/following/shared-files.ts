/** The files of a member that its leader copies: those that it would publish itself. */

import { join } from 'node:path';
import { openUntrusted } from '../../files/untrusted-file.ts';
import { publishableFiles } from '../../publish/files.ts';
import type { RunFolder } from '../../run/folder.ts';
import {
  type FromSchema,
  list,
  object,
  parseWithSchema,
  text,
  truth,
  wholeNumber,
} from '../../schema.ts';
import { isMemberFile } from './member-file.ts';

const listSchema = list(
  object({ source: text(), grows: truth, bytes: wholeNumber, modifiedMs: wholeNumber }),
);

/**
 * `source`: its path in the run folder, with forward slashes. `grows`: only at its end; otherwise
 * it may change as a whole.
 */
export type SharedFile = FromSchema<typeof listSchema>[number];

export function parseFileList(json: string): readonly SharedFile[] {
  // One name that is refused does not keep the other files from being copied.
  return parseWithSchema(listSchema, json).filter(({ source }) => isMemberFile(source));
}

/** No more of a file is sent at once. */
export const maxPartBytes = 4 * 1024 ** 2;

export type SharedFiles = Readonly<{
  list(): Promise<readonly SharedFile[]>;
  /** `query`: `source`, and `from`, the first byte. Undefined: there is no such file. */
  read(query: unknown): Promise<Buffer | undefined>;
}>;

export function createSharedFiles(folder: RunFolder): SharedFiles {
  let known: ReadonlySet<string> = new Set();
  return {
    async list() {
      const files = (await publishableFiles(folder)).filter(({ source }) => isShared(source));
      known = new Set(files.map(({ source }) => source));
      return files.map(({ source, as, bytes, modifiedMs }) => ({
        source,
        grows: as === 'grown',
        bytes,
        modifiedMs: Math.round(modifiedMs),
      }));
    },
    async read(query) {
      const { source, from } = Object(query);
      if (typeof source !== 'string' || !known.has(source) || !/^\d{1,15}$/.test(from))
        return undefined;
      const opened = await openUntrusted(join(folder.root, source));
      if (opened === undefined) return undefined;
      try {
        const size = Math.max(0, Math.min(maxPartBytes, opened.bytes - Number(from)));
        const part = Buffer.alloc(size);
        const { bytesRead } = await opened.handle.read(part, 0, size, Number(from));
        return part.subarray(0, bytesRead);
      } finally {
        await opened.handle.close();
      }
    },
  };
}

/** The scenario is the leader's as well, and its report is of the whole. */
function isShared(source: string): boolean {
  const [top] = source.split('/');
  return top === 'engine' || top === 'logs' || source === 'run.json' || source === 'settings.json';
}
