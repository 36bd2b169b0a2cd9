/** Where the files of a zip will be: without a common top folder, and without macOS's additions. */

import type { LocalEntry } from './archive.ts';

type Named = Readonly<{ name: string; local: LocalEntry }>;

/** `folders`: in an order in which they can be created. `wrapper`: empty if there was none. */
export type Layout = Readonly<{
  files: readonly Readonly<{ path: string; local: LocalEntry }>[];
  folders: readonly string[];
  wrapper: string;
}>;

export function layOut(all: readonly Named[]): Layout {
  const kept = all.filter(({ name }) => !isClutter(name));
  const files = kept.filter(({ name }) => !name.endsWith('/'));
  const wrapper = commonFolder(files.map(({ name }) => name));
  const inside = kept.flatMap(({ name, local }) =>
    name.startsWith(wrapper) && name !== wrapper ? { path: name.slice(wrapper.length), local } : [],
  );
  const folders = new Set(inside.flatMap(({ path }) => parents(path)));
  return {
    files: inside.filter(({ path }) => !path.endsWith('/')),
    folders: [...folders].toSorted(),
    wrapper: wrapper.replace(/\/$/, ''),
  };
}

/** Finder's settings and resource forks: not meant to be sent. */
function isClutter(name: string): boolean {
  return name
    .split('/')
    .some((part) => part === '__MACOSX' || part === '.DS_Store' || part.startsWith('._'));
}

/** The folder, with a slash at its end, that all files lie in; empty if there is none. */
function commonFolder(names: readonly string[]): string {
  const [first = '', ...others] = names.map((name) => name.slice(0, name.lastIndexOf('/') + 1));
  return others.reduce((common, folder) => {
    let shared = common;
    while (!folder.startsWith(shared)) {
      shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
    }
    return shared;
  }, first);
}

function parents(path: string): readonly string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, depth) => segments.slice(0, depth + 1).join('/'));
}
