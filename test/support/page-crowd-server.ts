/** A page in a process of its own, so that its parent can limit its open files. Prints its port. */

import { once } from 'node:events';
import { listen } from '../../src/web/listen.ts';
import { start } from '../unit/web/setup.ts';

const url = await listen(start({}).server, { host: '127.0.0.1', port: 0 });
console.log(new URL(url).port);
await once(process.stdin.resume(), 'end');
process.exit();
