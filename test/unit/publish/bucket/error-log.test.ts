/** Uploads that fail for hours take two lines in the log, not two thousand. */

import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { Problem } from '../../../../src/errors.ts';
import { createLog } from '../../../../src/log.ts';
import { createErrorLog } from '../../../../src/publish/bucket/error-log.ts';

function problem(code: Problem['code']): Problem {
  return { code, message: `what ${code} means`, hint: '-' };
}

function logged() {
  const lines: string[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)));
      done();
    },
  });
  return { lines, errors: createErrorLog(createLog({ destinations: [stream] })) };
}

it('logs each problem once, and the end once', () => {
  const { errors, lines } = logged();
  for (let round = 0; round < 50; round += 1) {
    for (const code of ['BUCKET_UNREACHABLE', 'BUCKET_BUSY', 'BUCKET_UNREACHABLE'] as const)
      errors.add(problem(code));
    errors.endRound();
  }
  expect(lines).toMatchObject([
    { msg: 'uploads fail', problem: { code: 'BUCKET_UNREACHABLE' } },
    { msg: 'uploads fail', problem: { code: 'BUCKET_BUSY' } },
  ]);
  errors.endRound();
  errors.endRound();
  expect(lines.slice(2)).toMatchObject([{ msg: 'uploads work again', failed: 150 }]);
  errors.add(problem('BUCKET_BUSY'));
  expect(lines).toHaveLength(4);
});

it('is silent where nothing fails', () => {
  const { errors, lines } = logged();
  errors.endRound();
  expect(lines).toEqual([]);
});
