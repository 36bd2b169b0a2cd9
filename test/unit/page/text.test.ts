/** What cannot be seen is shown; what can be seen is left alone. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logLines } from '../../../src/page/files/log-lines.ts';
import { printable } from '../../../src/page/text.ts';

it.each([
  ['GET /ünïcode/日本語', 'GET /ünïcode/日本語'],
  ['مرحبا', 'مرحبا'],
  ['a\nb\u0000\u001b[31m', 'a\\x0ab\\x00\\x1b[31m'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['\u200b\ufeff\u2028', '\\u200b\\ufeff\\u2028'],
  ['\ud800', '\\ud800'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\u3164', '\\u3164'],
  [`a${'\u0301'.repeat(50)}`, `a${'\u0301'.repeat(4)}`],
])('%j becomes %j', (text, shown) => expect(printable(text)).toBe(shown));

it('cuts what is too long', () => expect(printable('x'.repeat(1_000_000), 5)).toBe('xxxxx…'));

it('leaves nothing that is invisible or reorders, whatever comes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});

it('shows JSON log lines as time, level, message and fields, and any other line as it is', () => {
  const lines = logLines(
    '{"level":"info","files":4,"msg":"unpacked"}\n{broken\nplain \u001b[0m\n',
    9,
  );
  expect(lines).toBe('info  unpacked files=4\n{broken\nplain \\x1b[0m');
});

it('takes any JSON in a log line', () => {
  fc.assert(
    fc.property(fc.json(), (line) => {
      logLines(line, 10);
      logLines(`{"level":${line},"time":${line},"msg":${line}}`, 10);
    }),
  );
});
