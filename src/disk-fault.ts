/** What an error of the system about a disk, a file or the number of open files means, in words. */

import { statfsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { counted } from './text.ts';

type DiskFault = Readonly<{
  code: 'DISK_FULL' | 'DISK_READ_ONLY' | 'DISK_BROKEN' | 'FILE_DENIED' | 'FILES_OPEN';
  message: string;
  hint: string;
}>;

/**
 * Undefined where the error is about something else: a network, a process, a file that is not
 * there.
 */
export function diskFaultOf(error: unknown): DiskFault | undefined {
  const { code, message, path, syscall } = systemError(error);
  // Limits of watches and of addresses are told by the same codes.
  if (code === undefined || /^(?:watch|listen|bind|connect|kill|spawn)/.test(syscall)) {
    return undefined;
  }
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'DISK_FULL',
        message: `${code === 'EDQUOT' ? 'the quota is used up' : 'the disk is full'}: ${message}${freeAt(path)}`,
        hint: 'make room there (df -h and df -i show how much there is); what was written before is kept',
      };
    case 'EROFS':
      return {
        code: 'DISK_READ_ONLY',
        message: `the disk is read-only: ${message}`,
        hint: 'see whether it failed (dmesg) or is mounted read-only (findmnt), and remount it; what was written before is kept',
      };
    case 'EIO':
      return {
        code: 'DISK_BROKEN',
        message: `the disk fails: ${message}`,
        hint: 'see dmesg; save what is still readable, and take another disk or instance',
      };
    case 'EACCES':
    case 'EPERM':
      if (path === undefined) return undefined;
      return {
        code: 'FILE_DENIED',
        message: `this user may not do this: ${message}`,
        hint: 'see who owns the place (ls -ld): it must be the user that runs Onager',
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        code: 'FILES_OPEN',
        message: `too many files are open ${code === 'EMFILE' ? 'in this process' : 'on this machine'}: ${message}`,
        hint: 'raise the limit: LimitNOFILE= of the unit or ulimit -n for a process, fs.file-max for the machine',
      };
    default:
      return undefined;
  }
}

/** What is wrong with writing into this folder, by trying; undefined: nothing. */
export async function diskFaultAt(dir: string): Promise<DiskFault | undefined> {
  try {
    const probe = await mkdtemp(join(dir, '.probe-'));
    try {
      await writeFile(join(probe, 'file'), Buffer.alloc(16_384));
    } finally {
      await rm(probe, { recursive: true, force: true });
    }
    return undefined;
  } catch (error) {
    return diskFaultOf(error instanceof Error ? Object.assign(error, { path: dir }) : error);
  }
}

function systemError(
  error: unknown,
): Readonly<{ code?: string; message: string; path?: string; syscall: string }> {
  if (!(error instanceof Error)) return { message: String(error), syscall: '' };
  const text = (key: string): string | undefined => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? value : undefined;
  };
  const { code, path } = { code: text('code'), path: text('path') };
  const place = path === undefined || error.message.includes(path) ? '' : ` '${path}'`;
  return {
    ...(code === undefined ? {} : { code }),
    ...(path === undefined ? {} : { path }),
    message: `${error.message}${place}`,
    syscall: text('syscall') ?? '',
  };
}

/** How much is free where the file is, or should be. */
function freeAt(path: string | undefined): string {
  for (let at = path; at !== undefined; at = dirname(at)) {
    try {
      const { bavail, bsize, ffree } = statfsSync(at);
      return `; ${counted(bavail * bsize, 'byte')} and ${counted(ffree, 'file')} are free`;
    } catch {
      if (at === dirname(at)) break;
    }
  }
  return '';
}
