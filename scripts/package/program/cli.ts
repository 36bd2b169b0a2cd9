/** `cli.js` of the package: the command line, loaded by way of the code cache. */

import { join } from 'node:path';
import { build } from './build.ts';
import { openCodeCache } from './code-cache.ts';
import { createLoader } from './loader.ts';

const cache = openCodeCache(join(import.meta.dirname, 'code-cache'), build);
createLoader(import.meta.dirname, cache).load('main.js');
