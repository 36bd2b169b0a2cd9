/** The exit code of a run, for users who start Onager in a pipeline. */

import { expect, it } from 'vitest';
import type { Outcome } from '../../../src/engine/engine.ts';
import { exitCodeOf } from '../../../src/report/exit-code.ts';

const problem = { code: 'SPOT_INTERRUPTION', message: 'm', hint: 'h' } as const;
const no = { ok: false, message: '1 of 2 thresholds failed' };

it.each<{ outcome: Outcome | undefined; slo: 'pass' | 'fail' | 'none'; code: number }>([
  { outcome: { kind: 'complete' }, slo: 'none', code: 0 },
  { outcome: { kind: 'cut' }, slo: 'pass', code: 0 },
  { outcome: { kind: 'complete' }, slo: 'fail', code: 1 },
  { outcome: { kind: 'complete', verdict: no }, slo: 'pass', code: 1 },
  { outcome: { kind: 'complete', verdict: { ...no, ok: true } }, slo: 'none', code: 0 },
  { outcome: { kind: 'stopped', verdict: no }, slo: 'fail', code: 3 },
  { outcome: { kind: 'interrupted', problem }, slo: 'pass', code: 3 },
  { outcome: undefined, slo: 'none', code: 3 },
])('$outcome.kind with rules $slo: $code', ({ outcome, slo, code }) => {
  expect(exitCodeOf({ problems: [], ...(outcome === undefined ? {} : { outcome }) }, slo)).toBe(
    code,
  );
});
