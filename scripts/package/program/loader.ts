/**
 * Loads the files of the bundle, with what V8 has already compiled of them. Node.js's own compile
 * cache keeps only what runs while a file is loaded; most of a start comes after that.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type { CodeCache } from './code-cache.ts';

export type Loader = Readonly<{
  /** Runs a file of the bundle unless that has been done, and gives its exports. */
  load(name: string): unknown;
  /** What has been loaded. */
  scripts: ReadonlyMap<string, Script>;
}>;

export function createLoader(dir: string, cache: CodeCache): Loader {
  const scripts = new Map<string, Script>();
  const modules = new Map<string, { exports: unknown }>();
  const builtIn = createRequire(join(dir, 'cli.js'));

  function load(name: string): unknown {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const path = join(dir, name);
    const module = { exports: {} };
    modules.set(name, module);
    const code = cache.codeOf(name);
    const script = new Script(wrapped(readFileSync(path, 'latin1')), {
      filename: path,
      ...(code === undefined ? {} : { cachedData: code }),
    });
    scripts.set(name, script);
    script.runInThisContext()(module.exports, require, module, path, dir);
    return module.exports;
  }

  function require(id: string): unknown {
    return id.startsWith('./') ? load(id.slice(2)) : builtIn(id);
  }

  return { load, scripts };
}

/** On one line with the first of the source, so that places in stack traces are right. */
function wrapped(source: string): string {
  return `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
}
