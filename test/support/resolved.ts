/** A prepared run as resolved.json holds it: default settings, with these objectives. */

import type { Resolved } from '../../src/run/resolved.ts';
import { mergeSettings } from '../../src/settings/merge.ts';
import type { SloRule } from '../../src/slo/rule.ts';

export function resolvedRun(slo: readonly SloRule[] = []): Resolved {
  const { settings } = mergeSettings([]);
  return {
    version: 1,
    settings: { ...settings, slo },
    scenario: { name: 'storefront', form: 'zip', sha256: 'ab', bytes: 1, files: 1 },
    engine: 'tsung',
  };
}
