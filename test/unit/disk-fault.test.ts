/**
 * Errors of disks, files and limits have codes of their own; errors of networks and processes do
 * not get these.
 */

import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFaultAt } from '../../src/disk-fault.ts';
import { problemsOf } from '../../src/errors.ts';
import { writeWhole } from '../../src/files/files.ts';
import { temporaryFolder } from '../support/temporary.ts';

function systemError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: said so, write`), { code, syscall: 'write', ...more });
}

describe('an error of the system', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL', 'make room'],
    ['EDQUOT', 'DISK_FULL', 'make room'],
    ['EROFS', 'DISK_READ_ONLY', 'findmnt'],
    ['EIO', 'DISK_BROKEN', 'dmesg'],
    ['EACCES', 'FILE_DENIED', 'ls -ld'],
    ['EPERM', 'FILE_DENIED', 'ls -ld'],
    ['EMFILE', 'FILES_OPEN', 'LimitNOFILE'],
    ['ENFILE', 'FILES_OPEN', 'fs.file-max'],
  ])('%s becomes %s', (code, expected, hint) => {
    const path = join(tmpdir(), 'not', 'there');
    const [problem] = problemsOf(systemError(code, { path }));
    expect(problem).toMatchObject({ code: expected, hint: expect.stringContaining(hint) });
    expect(problem?.message).toContain(path);
  });

  it('says how much is free where the file should be', () => {
    const [problem] = problemsOf(systemError('ENOSPC', { path: join(tmpdir(), 'not/there') }));
    expect(problem?.message).toMatch(/; [\d,]+ bytes and [\d,]+ files are free$/);
  });

  it.each([
    ['EACCES', 'listen'],
    ['EPERM', 'kill'],
    ['EACCES', 'spawn node'],
    ['ENOSPC', 'watch'],
    ['ENOENT', 'open'],
    ['ECONNREFUSED', 'connect'],
  ])('%s of %s is no fault of a disk', (code, syscall) => {
    const [problem] = problemsOf(systemError(code, { syscall, path: '/x' }));
    expect(problem?.code).toBe('INTERNAL');
  });
});

describe('a folder', () => {
  it('is found to be good by writing to it, and nothing stays there', async () => {
    const dir = await temporaryFolder('disk');
    expect(await diskFaultAt(dir)).toBeUndefined();
    await rm(dir, { recursive: false, force: false }).catch(() => rm(dir, { recursive: true }));
  });

  it('in which nothing can be written is named by the error of a whole write', async () => {
    await expect(writeWhole('/proc/onager/file', 'x')).rejects.toMatchObject({
      path: '/proc/onager/file',
    });
    await expect(readFile('/proc/onager/file')).rejects.toThrow('ENOENT');
  });
});
