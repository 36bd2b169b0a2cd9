/** Log lines as the page shows them, no matter what the log contains. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logLines } from '../../../../src/page/files/log-lines.ts';

it('shows JSON log lines as time, level, message and fields, and any other line as it is', () => {
  const lines = logLines(
    '{"level":"info","files":4,"msg":"unpacked"}\n{broken\nplain \u001b[0m\r\n\tindented\n',
    9,
  );
  expect(lines).toBe('info  unpacked files=4\n{broken\nplain \\x1b[0m\n    indented');
});

it('takes any JSON in a log line', () => {
  fc.assert(
    fc.property(fc.json(), (line) => {
      logLines(line, 10);
      logLines(`{"level":${line},"time":${line},"msg":${line}}`, 10);
    }),
  );
});
