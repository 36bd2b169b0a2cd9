/** The last lines of the run's logs, for readers of the report who do not have the logs. */

import { openUntrusted, RefusedFile } from '../files/untrusted-file.ts';

/** A file of the run: its name in the list of files, its path, and its path in the run folder. */
export type ReportFile = Readonly<{ key: string; path: string; bytes: number; source?: string }>;
export type LogTail = Readonly<{ name: string; text: string }>;

const tailBytes = 24_000;
const tailLines = 200;
const maxLogs = 8;

export async function readLogTails(files: readonly ReportFile[]): Promise<readonly LogTail[]> {
  const logs = files.filter(({ key }) => key.startsWith('logs/')).slice(0, maxLogs);
  const tails = await Promise.all(
    logs.map(async ({ key, path }) => {
      // Optional: the report is written without it if need be.
      const text = await readTail(path).catch((error: unknown) =>
        error instanceof RefusedFile ? `not read: ${error.reason}` : `it cannot be read: ${error}`,
      );
      return text === undefined ? [] : [{ name: key, text }];
    }),
  );
  return tails.flat();
}

async function readTail(path: string): Promise<string | undefined> {
  const opened = await openUntrusted(path);
  if (opened === undefined) return undefined;
  const { bytes, handle } = opened;
  try {
    const start = Math.max(0, bytes - tailBytes);
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(bytes - start),
      position: start,
    });
    const text = buffer.toString('utf8', 0, bytesRead);
    // Drops the first line, which may be incomplete, unless it is the only one.
    const whole = start === 0 ? text : text.replace(/^[^\n]*\n(?=.)/s, '');
    return whole.trimEnd().split('\n').slice(-tailLines).join('\n');
  } finally {
    await handle.close();
  }
}
