/** A page in a process of its own, so that a test can make it stand still. Prints its address. */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { silentLog } from '../../src/log.ts';
import { listen } from '../../src/web/listen.ts';
import { buildServer } from '../../src/web/server.ts';
import { storefront } from './page-fixture.ts';

const [htmlPath = ''] = process.argv.slice(2);
const { run, summary } = storefront({ seconds: 60 });
const server = buildServer({
  state: { current: () => run, subscribe: () => () => {} },
  results: { summary: () => summary, subscribe: () => () => {} },
  files: { list: async () => [] },
  access: () => ({ kind: 'public' }),
  onStop: async () => true,
  onExtend: async () => true,
  pageHtml: await readFile(htmlPath, 'utf8'),
  log: silentLog(),
  onagerVersion: '0.1.0',
});
console.log(await listen(server, { host: '127.0.0.1', port: 0 }));
await once(process.stdin.resume(), 'end');
process.exit();
