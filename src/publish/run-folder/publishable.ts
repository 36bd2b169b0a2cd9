/** Which files of a run folder are published, and what they are called then. Pure. */

import type { Treatment } from '../listing.ts';

/**
 * How a file's bytes become objects. `whole`: one object, replaced while it changes. `grown`: gzip
 * chunks below `<key>/`. `state`: whole, and sent again while the run goes on; before the manifest
 * it is the last.
 */
export type PublishAs = 'whole' | 'grown' | 'state';

/** One file to publish. `source`: relative to the run folder, with forward slashes. */
export type Publishable = Readonly<{ source: string; key: string; as: PublishAs }>;

/** How a file of the run folder is published; undefined: it stays on the instance. */
export function publishable(source: string): Publishable | undefined {
  const member = memberFile.exec(source)?.groups;
  return member === undefined
    ? ownFile(source)
    : fileOfMember(source, member['folder'] ?? '', member['inner'] ?? '');
}

/** Of a file that is too large to be one object. */
export function keyInChunks(key: string): string {
  const { folder = '', inner = key } = memberFile.exec(key)?.groups ?? {};
  return `${folder}raw/${inner}`;
}

/** The folder of one member's files: `members/<instance-id>`. */
export function isMemberFolder(source: string): boolean {
  return /^members\/[\w-]{1,64}$/.test(source);
}

const memberFile = /^(?<folder>members\/[\w-]{1,64}\/)(?<inner>.+)$/s;

function ownFile(source: string): Publishable | undefined {
  const as = fixed.get(source);
  if (as !== undefined) return as;
  const [top = '', ...rest] = source.split('/');
  if (rest.length === 0 || rest.some(isPrivate)) return undefined;
  const path = rest.join('/');
  if (top === 'logs') return { source, key: `logs/${path}`, as: 'whole' };
  if (top === 'report' && rest[0] === 'native') return { source, key: source, as: 'whole' };
  if (top === 'engine' && !bookkeeping.has(path))
    return { source, key: `raw/${path}`, as: 'grown' };
  return undefined;
}

/** What a member measured and logged; its scenario and its report are those of the leader. */
function fileOfMember(source: string, folder: string, inner: string): Publishable | undefined {
  const own = ownFile(inner);
  const isTaken = ['run.json', 'settings.json'].includes(inner) || /^(?:engine|logs)\//.test(inner);
  if (own === undefined || !isTaken) return undefined;
  // The engine's logs have names among the others.
  if (!fixed.has(inner) && fixedKeys.has(own.key)) return undefined;
  return { source, key: `${folder}${own.key}`, as: own.as === 'grown' ? 'grown' : 'whole' };
}

/** Files that are listed one by one: each has its own key. */
const fixed: ReadonlyMap<string, Publishable> = new Map(
  (
    [
      ['run.json', 'run.json', 'state'],
      ['report/summary.json', 'summary.json', 'state'],
      ['settings.json', 'settings.json', 'state'],
      ['scenario.zip', 'scenario.zip', 'whole'],
      ['report/report.html', 'report.html', 'whole'],
      ['report/junit.xml', 'junit.xml', 'whole'],
      ['engine/stdout.log', 'logs/engine-stdout.log', 'whole'],
      ['engine/stderr.log', 'logs/engine-stderr.log', 'whole'],
      ['engine/host.log', 'logs/engine-host.log', 'whole'],
    ] as const
  ).map(([source, key, as]) => [source, { source, key, as }]),
);
const fixedKeys: ReadonlySet<string> = new Set([...fixed.values()].map(({ key }) => key));

/** Internal files of agent and supervisor: the plan's environment may hold secrets. */
const bookkeeping: ReadonlySet<string> = new Set([
  'plan.json',
  'fired.json',
  'withdrawn.json',
  'engine.json',
  'stop',
]);

/** Read by the agent, and not published. */
const readOnly = new Set(['engine/plan.json', 'engine/fired.json', 'engine/engine.json']);

/** Dotfiles (the Erlang cookie), home folders, and drafts of files that are not whole yet. */
function isPrivate(name: string): boolean {
  return name.startsWith('.') || name === 'home' || name.endsWith('.tmp');
}

/** What becomes of a file or folder of a run folder, or of a member's folder in it. */
export function treatmentOf(source: string, isFolder: boolean): Treatment {
  const [top = '', ...rest] = source.split('/');
  if (isFolder && !namedAsFile.test(source)) {
    const isOpen = ['engine', 'logs', 'report'].includes(top) && !rest.some(isPrivate);
    return isOpen ? 'enter' : 'pass';
  }
  if (fixed.has(source) || neededFiles.has(source) || ['logs', 'report'].includes(top)) {
    return ownFile(source) === undefined ? 'pass' : 'always';
  }
  return ownFile(source) !== undefined || readOnly.has(source) ? 'look' : 'pass';
}

/** What the run's numbers come from, which is kept however many other files there are. */
const neededFiles: ReadonlySet<string> = new Set([
  'engine/exit.json',
  'engine/generator.ndjson',
  'engine/onager.records',
]);

/** A folder with such a name is where a file is expected. */
const namedAsFile = /^engine\/.*\.(?:dump|json|log|ndjson|records)$/;
