/** The test tiers, one vitest project each. */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/support/long-first.ts';

/** Unit tests compute, and come first; the others mostly wait for processes and clocks. */
const computing = { maxWorkers: availableParallelism(), sequence: { groupOrder: 1 } };
const waiting = {
  maxWorkers: 2 * availableParallelism(),
  maxConcurrency: 3,
  sequence: { groupOrder: 2 },
};

export default defineConfig({
  test: {
    globalSetup: 'test/support/own-temporary-root.ts',
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          ...computing,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // A hang ends here; how long a slow machine takes says nothing.
          testTimeout: 120_000,
          setupFiles: ['test/unit/no-effects.ts'],
        },
      },
      {
        test: {
          ...waiting,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'endurance',
          include: ['test/endurance/**/*.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'image',
          include: ['test/image/*.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...waiting,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
