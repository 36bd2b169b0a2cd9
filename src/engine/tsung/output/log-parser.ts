/**
 * Reads `tsung.log`: one block per interval, each headed by `# stats: dump at <Unix time>`.
 *
 *     stats: <name> <count> <mean> <stddev> <max> <min> <earlier mean> <earlier count>
 *     stats: <name> <increment> <total>
 *     stats: users <now> <peak>
 */

import type { Interval } from '../../samples.ts';
import { toBlock } from './log-block.ts';

const maxLineLength = 65_536;
const exampleLength = 200;
type LogParser = Readonly<{
  /** One character per byte (Latin-1), so that the bytes of a name can be recovered. */
  push(text: string): readonly Interval[];
  /** Closes the last block, which no other block follows. */
  end(): readonly Interval[];
}>;

export function createLogParser({
  withTimings,
  onUnreadable,
}: Readonly<{ withTimings: boolean; onUnreadable: (example: string) => void }>): LogParser {
  let carry = '';
  let atMs: number | undefined;
  let previousMs: number | undefined;
  let lines: string[][] = [];

  function push(text: string): readonly Interval[] {
    const parts = (carry + text).split('\n');
    carry = parts.pop() ?? '';
    if (carry.length > maxLineLength) {
      onUnreadable(carry.slice(0, exampleLength));
      carry = '';
    }
    return parts.flatMap(readLine);
  }

  function end(): readonly Interval[] {
    const rest = carry;
    carry = '';
    // A line without its end may lack digits, so it counts as unreadable.
    if (rest !== '') onUnreadable(rest.slice(0, exampleLength));
    return closeBlock();
  }

  function readLine(line: string): readonly Interval[] {
    if (line.startsWith('stats: ') && atMs !== undefined) {
      const fields = line.slice('stats: '.length).trim().split(/ +/);
      const isKnown =
        (fields.length === 3 || fields.length === 8) &&
        fields.slice(1).every((field) => Number.isFinite(Number(field)));
      if (isKnown) lines.push(fields);
      else onUnreadable(line.slice(0, exampleLength));
      return [];
    }
    const header = /^# stats: dump at (\d{1,12})$/.exec(line);
    if (header !== null) {
      const closed = closeBlock();
      atMs = Number(header[1]) * 1000;
      return closed;
    }
    if (line.startsWith('EndMonitor:')) return closeBlock();
    if (line !== '') onUnreadable(line.slice(0, exampleLength));
    return [];
  }

  function closeBlock(): readonly Interval[] {
    if (atMs === undefined) return [];
    const stepMs = previousMs === undefined ? 1000 : Math.max(atMs - previousMs, 1000);
    const block = toBlock(lines, atMs, stepMs, withTimings);
    previousMs = atMs;
    atMs = undefined;
    lines = [];
    return [block];
  }

  return { push, end };
}
