/** What the supervisor of a running Tsung needs of it. */

import { writeWhole } from '../../files/files.ts';
import type { Supervised } from '../engine.ts';
import { createStalled } from './run/stalled.ts';
import { stopFileOf } from './run/stop-file.ts';

export const supervisedTsung: Supervised = {
  name: 'tsung',

  async requestStop(plan, why) {
    const file = stopFileOf(plan);
    if (file !== undefined) await writeWhole(file, why);
  },

  stalled: createStalled,
};
