/**
 * Publishes a run folder in a process that can be killed: live until `engine/exit.json` exists,
 * then everything.
 */

import { existsSync } from 'node:fs';
import { silentLog } from '../../src/log.ts';
import { createPublisher } from '../../src/publish/publisher.ts';
import { wait } from '../../src/retry.ts';
import { runFolder } from '../../src/run/folder.ts';

const [root = '', endpoint = '', bucket = '', accessKeyId = '', secretAccessKey = ''] =
  process.argv.slice(2);
const folder = runFolder(root);
const publisher = createPublisher({
  folder,
  runId: 'run-1',
  settings: { bucket, prefix: 'runs', endpoint, region: 'us-east-1' },
  credentials: async () => ({ accessKeyId, secretAccessKey }),
  log: silentLog(),
  onChange: () => undefined,
  liveEveryMs: 20,
});
process.stdout.write('publishing\n');

const isOver = new AbortController();
const live = publisher.live(isOver.signal);
while (!existsSync(folder.exitJson)) await wait(10, AbortSignal.timeout(60_000));
isOver.abort();
await live;
const { whole } = await publisher.finish(AbortSignal.timeout(60_000), { deadlineMs: 60_000 });
process.exitCode = whole ? 0 : 1;
