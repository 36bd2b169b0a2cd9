/**
 * Runs the image's tests on one system after the other, or only those in the given files, and
 * prints the table of scenarios and figures. usage: main.ts 'SYSTEM ...' [FILE ...]
 */

import { createVitest } from 'vitest/node';
import { imageReport } from './reporter.ts';

const [systems = '', ...files] = process.argv.slice(2);
const report = imageReport();
for (const system of systems.split(' ')) {
  const vitest = await createVitest('test', {
    project: ['image'],
    watch: false,
    reporters: ['verbose', report.reporterOf(system)],
  });
  vitest.provide('system', system);
  await vitest.start(files);
  await vitest.close();
}
console.log(report.text());
