/**
 * Unpacks a zip in a process of its own, and reports the outcome, the processor time and the peak
 * memory.
 */

import { readFileSync } from 'node:fs';
import { OnagerError } from '../../../src/errors.ts';
import { unpackScenario } from '../../../src/scenario/unpack.ts';

const [zipPath = '', into = ''] = process.argv.slice(2);
const limits = { unpackedBytes: 256 * 1024 ** 2, files: 2_000 };
const before = process.cpuUsage();
const outcome = await unpackScenario({
  zipPath,
  into,
  limits,
  signal: AbortSignal.timeout(60_000),
}).then(
  ({ files }) => `${files.length} files`,
  (error: unknown) => (error instanceof OnagerError ? error.code : String(error)),
);
const { user, system } = process.cpuUsage(before);
const cpuMs = (user + system) / 1_000;
// getrusage would include the process that started this one.
const maxRssKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
console.log(JSON.stringify({ outcome, cpuMs, maxRssKiB }));
