/**
 * Serves the page: it reads the agent's state, and can stop the load and postpone the power-off.
 */

import { publishedFiles } from '../../publish/files.ts';
import type { RunFolder } from '../../run/folder.ts';
import { listenOnKeptPort } from '../../web/kept-port.ts';
import { buildServer } from '../../web/server.ts';
import { isBeforeItsEnd } from '../run.ts';
import type { Core } from './core.ts';
import type { AgentOptions } from './options.ts';

type ServedPage = AsyncDisposable &
  Readonly<{
    /** Where it listens; 80 for a socket that systemd has opened. */
    port: number;
    /** Serves the files of this run from now on. */
    show(folder: RunFolder): void;
  }>;

export async function servePage(
  { address, pageTemplate, stateDir, version }: AgentOptions,
  { access, clock, log, results, scheduler, stop, store }: Core,
): Promise<ServedPage> {
  let folder: RunFolder | undefined;
  const server = buildServer({
    state: store,
    results,
    files: { list: async () => (folder === undefined ? [] : await publishedFiles(folder)) },
    access: access.current,
    onStop: async () => {
      const { phase, stopAskedAt } = store.current();
      if (!isBeforeItsEnd(phase)) return false;
      if (stopAskedAt === undefined) await store.note({ stopAskedAt: clock.now().toISOString() });
      stop.resolve();
      return true;
    },
    onExtend: scheduler.extend,
    pageHtml: pageTemplate,
    log: log.child({ stage: 'web' }, { level: 'warn' }),
    onagerVersion: version,
  });
  const url = await listenOnKeptPort(server, address, stateDir).catch(async (error: unknown) => {
    // It may listen already, and the process would not end.
    await server.close();
    throw error;
  });
  log.info({ url }, 'listening');
  return {
    port: 'fd' in address ? 80 : Number(new URL(url).port || 80),
    show(found) {
      folder = found;
    },
    [Symbol.asyncDispose]: async () => await server.close(),
  };
}
