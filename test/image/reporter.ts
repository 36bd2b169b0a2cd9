/**
 * The table at the end of the image test: every scenario with its time, and the figures measured on
 * the way, with a column for each system.
 */

import type { Reporter, TestModule } from 'vitest/node';

export type ImageReport = Readonly<{ reporterOf(system: string): Reporter; text(): string }>;

/** A name and its value on one system. */
type Row = readonly [string, string];

type Column = Readonly<{ system: string; scenarios: readonly Row[]; figures: readonly Row[] }>;

const columnWidth = 18;

export function imageReport(): ImageReport {
  const columns: Column[] = [];
  return {
    reporterOf: (system) => ({
      onTestRunEnd(modules: readonly TestModule[]) {
        columns.push({
          system,
          scenarios: modules.flatMap(scenariosOf),
          figures: modules.flatMap(figuresOf),
        });
      },
    }),
    text() {
      const scenarios = tableOf(columns, 'scenario', (column) => column.scenarios);
      const title = 'figure (times since the kernel started)';
      const figures = tableOf(columns, title, (column) => column.figures);
      return ['', ...scenarios, '', ...figures, ''].join('\n');
    },
  };
}

/** A file has a row too: the boot of its machine belongs to none of its tests. */
function scenariosOf(module: TestModule): readonly Row[] {
  const file = module.moduleId.slice(module.moduleId.lastIndexOf('/') + 1, -'.test.ts'.length);
  const tests = [...module.children.allTests()].map((test): Row => {
    const ms = test.diagnostic()?.duration ?? 0;
    return [`${file}: ${test.fullName}`, cell(test.result().state, ms)];
  });
  return [[file, cell(module.state(), module.diagnostic().duration)], ...tests];
}

function figuresOf(module: TestModule): readonly Row[] {
  return [...module.children.allTests()].flatMap((test) =>
    Object.entries(test.meta().figures ?? {}),
  );
}

function cell(state: string, ms: number): string {
  return `${state} ${(ms / 1_000).toFixed(0).padStart(4)} s`;
}

function tableOf(
  columns: readonly Column[],
  title: string,
  rowsOf: (column: Column) => readonly Row[],
): readonly string[] {
  const names = new Set(columns.flatMap((column) => rowsOf(column).map(([name]) => name)));
  const values = columns.map((column) => new Map(rowsOf(column)));
  const line = (cells: readonly string[], name: string): string =>
    `${cells.map((text) => text.padStart(columnWidth)).join('')}  ${name}`;
  return [
    line(
      columns.map(({ system }) => system),
      title,
    ),
    ...[...names].map((name) =>
      line(
        values.map((value) => value.get(name) ?? ''),
        name,
      ),
    ),
  ];
}
