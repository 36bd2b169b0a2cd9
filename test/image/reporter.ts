/**
 * The table at the end of the image test: every scenario with its time, and the figures measured on
 * the way.
 */

import type { Reporter, TestModule } from 'vitest/node';

export const imageReporter: Reporter = {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module: TestModule) => [...module.children.allTests()]);
    const rows = tests.map((test) => {
      const seconds = (test.diagnostic()?.duration ?? 0) / 1_000;
      return `${test.result().state.padEnd(8)}${seconds.toFixed(0).padStart(5)} s  ${test.fullName}`;
    });
    const figures = tests.flatMap((test) => Object.entries(test.meta().figures ?? {}));
    const shown = figures.map(([name, value]) => `${value.padStart(14)}  ${name}`);
    console.log(
      ['', 'scenarios', ...rows, '', 'figures (times since the kernel started)', ...shown, ''].join(
        '\n',
      ),
    );
  },
};
