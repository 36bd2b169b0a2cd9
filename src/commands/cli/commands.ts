/** The commands there are. */

import type { Command } from './command.ts';

export type Commands = ReadonlyMap<string, () => Promise<Readonly<{ command: Command }>>>;

/** In the order of the help. A command is loaded when it is asked for. */
export const commands: Commands = new Map([
  ['rehearse', () => import('./rehearse.ts')],
  ['check', () => import('./check.ts')],
  ['pack', () => import('./pack.ts')],
  ['report', () => import('./report.ts')],
  ['agent', () => import('./agent.ts')],
  ['engine', () => import('./engine.ts')],
]);
