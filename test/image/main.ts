/**
 * Runs the image's tests, or only those in the given files, and prints the table of scenarios and
 * figures.
 */

import { startVitest } from 'vitest/node';
import { imageReporter } from './reporter.ts';

const files = process.argv.slice(2);
const vitest = await startVitest('test', files, {
  project: ['image'],
  watch: false,
  reporters: ['verbose', imageReporter],
});
await vitest.close();
