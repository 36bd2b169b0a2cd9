/**
 * Serves the page: it reads the agent's state, and can stop the load and postpone the power-off.
 */

import type { Identity } from '../../aws/identity.ts';
import { publishedFiles } from '../../publish/files.ts';
import type { RunFolder } from '../../run/folder.ts';
import { listenOnKeptPort } from '../../web/kept-port.ts';
import { buildServer } from '../../web/server.ts';
import { isBeforeItsEnd } from '../run.ts';
import type { Core } from './core.ts';
import type { AgentOptions } from './options.ts';

export type ServedPage = AsyncDisposable &
  Readonly<{
    /** Where it listens; 80 for a socket that systemd has opened. */
    port: number;
    /** Where people open it. */
    url(instance: Pick<Identity, 'publicIp' | 'privateIp'>): string;
    /** Serves the files of this run from now on. */
    show(folder: RunFolder): void;
  }>;

export async function servePage(
  { address, pageTemplate, stateDir, version }: AgentOptions,
  { access, askToStop, log, results, scheduler, store }: Core,
): Promise<ServedPage> {
  let folder: RunFolder | undefined;
  const server = buildServer({
    state: store,
    results,
    files: { list: async () => (folder === undefined ? [] : await publishedFiles(folder)) },
    access: access.current,
    onStop: async () => {
      if (!isBeforeItsEnd(store.current().phase)) return false;
      await askToStop();
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
    url({ privateIp, publicIp }) {
      const { hostname, port } = 'fd' in address ? { hostname: '', port: '' } : new URL(url);
      const isOfAll = hostname === '' || hostname === '[::]' || hostname === '0.0.0.0';
      const host = isOfAll ? (publicIp ?? privateIp ?? 'localhost') : hostname;
      return `http://${host}${port === '' ? '' : `:${port}`}/`;
    },
    port: 'fd' in address ? 80 : Number(new URL(url).port || 80),
    show(found) {
      folder = found;
    },
    [Symbol.asyncDispose]: async () => await server.close(),
  };
}
