/**
 * The order of the test files: the slowest start first, so that no run ends with one of them alone.
 */

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Vitest orders by how long each file took last time; a fresh checkout has no last time. */
const long = [
  'integration/lifetime/lifetime',
  'integration/rehearsal/rehearsal',
  'integration/package/deb',
  'integration/agent/hostile-engine',
  'integration/results/verdict',
  'integration/publish/bucket/s3-errors',
  'integration/rehearsal/slow-disk',
  'integration/web/crowds',
  'browser/page/agreement',
  'browser/page/accessibility',
  'integration/engine/tsung/tsung-run',
] as const;

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const first = long.flatMap((name) => rest.filter(({ moduleId }) => moduleId.includes(name)));
    return [...new Set([...first, ...rest])];
  }
}
