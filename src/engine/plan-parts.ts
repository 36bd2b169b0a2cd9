/** The schemas of those parts of a plan that run.json holds too. Their types are in engine.ts. */

import { amount, object, oneOf, type Schema, text } from '../schema.ts';
import type { Change, LoadPhase, Sampling } from './engine.ts';

export const changeSchema: Schema<Change> = object(
  { what: text(), why: text() },
  { where: text() },
);

export const loadPhaseSchema: Schema<LoadPhase> = object(
  { name: text(), startMs: amount, durationMs: amount },
  { arrivalRate: amount, users: amount },
);

export const samplingSchema: Schema<Sampling> = object(
  { requests: oneOf('each', 'overall', 'intervals') },
  {
    requestName: text(),
    note: text(),
    duration: oneOf('total', 'without-connect', 'first-byte'),
    resolutionUs: amount,
  },
);
