/**
 * An S3 server in a process of its own, for benchmarks and for tests that measure or kill: prints
 * its endpoint, and ends when its standard input does.
 */

import { once } from 'node:events';
import { startBucket } from '../../src/rehearsal/bucket/bucket.ts';

const [bucket = 'bench', storeDir = '', port = '0'] = process.argv.slice(2);
const server = await startBucket({
  bucket,
  storeDir,
  port: Number(port),
  accessKeyId: 'AKIDTEST',
  secretAccessKey: 'secret',
});
process.stdout.write(`${server.endpoint}\n`);
process.stdin.resume();
await once(process.stdin, 'close');
await server.close();
