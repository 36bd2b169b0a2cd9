/**
 * Turns a scenario written for another machine into one that this machine can run, and lists the
 * changes.
 */

import type { Change, LoadShare, Machine } from '../../engine.ts';
import { applyEdits, type Edit, removeAttribute, setAttribute } from '../xml/edits.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { xmlDeclaration } from '../xml/well-formed.ts';
import { resolveFiles } from './file-references.ts';
import { readLoad } from './load.ts';
import type { Prepared } from './prepare.ts';
import { requestNames } from './request-names.ts';

type Part = Readonly<{ edits: readonly Edit[]; changes: readonly Change[] }>;

/** `edits`: the changes from the prepared text to `text`. */
export type Rewritten = Part & Readonly<{ text: string }>;

type RewriteOptions = Readonly<{
  prepared: Prepared;
  machine: Pick<Machine, 'memoryBytes' | 'samples' | 'names'>;
  dtd: string;
  share?: LoadShare | undefined;
}>;

export function rewrite({ prepared, machine, dtd, share }: RewriteOptions): Rewritten {
  const files = resolveFiles(prepared);
  const parts: readonly Part[] = [
    prologue(prepared, dtd),
    output(prepared, machine.samples),
    clients(prepared, machine.memoryBytes),
    monitoring(prepared, share),
    duration(prepared),
    requestNames(prepared, machine),
    files,
  ];
  const edits = parts.flatMap((part) => part.edits);
  return {
    text: applyEdits(prepared.text, edits),
    edits,
    changes: [...prepared.changes, ...parts.flatMap(({ changes }) => changes)],
  };
}

/**
 * Tsung looks for its DTD at the path in the DOCTYPE, and fails without one. From here on the text
 * is UTF-8.
 */
function prologue({ text, where, doctype, doctypeWhere }: Prepared, dtd: string): Part {
  const declaration = xmlDeclaration.exec(text)?.[0] ?? '';
  const version = /\sversion\s*=\s*["']([^"']*)/.exec(declaration)?.[1] ?? '1.0';
  const subset = doctype.subset === '' ? '' : ` [${doctype.subset.replace(/\s+/g, ' ')}]`;
  const head = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE tsung SYSTEM "${dtd}"${subset}>`;
  const edits = [{ start: 0, end: declaration.length, text: head }];
  const versions =
    version === '1.0'
      ? []
      : [
          {
            what: `the XML version is "1.0", not "${version}"`,
            why: 'the document is read as version 1.0',
            where: where(declaration.length - 1),
          },
        ];
  const written = doctype.system?.value;
  if (written === dtd) return { edits, changes: versions };
  const what =
    doctype.root === ''
      ? 'a DOCTYPE is added'
      : `the DOCTYPE names this machine's DTD instead of "${written ?? ''}"`;
  const why = 'Tsung refuses a scenario if it cannot find its DTD';
  return { edits, changes: [...versions, { what, why, where: doctypeWhere }] };
}

/** Which output files Tsung writes. */
function output({ root, where }: Prepared, samples: Machine['samples']): Part {
  const level = root.attribute('loglevel');
  const isTalkative = level === 'info' || level === 'debug';
  const wanted = {
    dumptraffic: samples === 'rows' ? 'protocol_local' : 'false',
    backend: 'text',
    ...(isTalkative ? { loglevel: 'notice' } : {}),
  };
  const changed = Object.entries(wanted).filter(([name, value]) => root.attribute(name) !== value);
  const reasons: Readonly<Record<string, string>> = {
    dumptraffic:
      samples === 'rows'
        ? '`samples: rows` asks for a row per request'
        : 'Onager measures every request itself; `samples: rows` in the settings gives rows',
    backend: 'Onager reads this one',
    loglevel: 'a log entry for every request would be most of the load',
  };
  return {
    edits: changed.map(([name, value]) => setAttribute(root, name, value)),
    changes: changed
      .filter(([name]) => root.attribute(name) !== undefined)
      .map(([name, value]) => ({
        what: `${name} is "${value}", not "${root.attribute(name)}"`,
        why: reasons[name] ?? '',
        where: where(root.start),
      })),
  };
}

/**
 * A single Erlang VM generates the load, the controller's own: it uses all cores, needs no name
 * resolution, ssh or port, and writes every request to one file. `127.0.0.1` is the controller's
 * own name (`-I`); connections still leave by any interface.
 */
function clients({ root, where }: Prepared, memoryBytes: number): Part {
  const maxUsers = maxUsersOf(memoryBytes);
  const text = `<clients><client host="127.0.0.1" use_controller_vm="true" maxusers="${maxUsers}"/></clients>`;
  const element = root.children.find(({ name }) => name === 'clients');
  const why = 'this machine generates the load';
  if (element === undefined) {
    const before = root.children.find(({ name }) => name !== 'information') ?? root;
    const at = before === root ? root.openEnd : before.start;
    return {
      edits: [{ start: at, end: at, text }],
      changes: [{ what: '<clients> is added', why, where: where(at) }],
    };
  }
  const hosts = descendants(element, 'client').map((client) => client.attribute('host') ?? '');
  const place = where(element.start);
  const what = `<clients> is this machine, not ${hosts.map((host) => `"${host}"`).join(', ')}`;
  const addresses = descendants(element, 'ip', 'iprange').length;
  return {
    edits: [{ start: element.start, end: element.end, text }],
    changes: [
      { what, why, where: place },
      ...(addresses === 0
        ? []
        : [
            {
              what: `the clients' own addresses (${addresses}) are left out`,
              why: "they belong to the author's machines",
              where: place,
            },
          ]),
    ],
  };
}

/**
 * A user takes about 32 KiB, and half of the memory is for users. With its default limit of 800,
 * Tsung would silently stop launching users.
 */
function maxUsersOf(memoryBytes: number): number {
  return Math.min(Math.max(Math.floor(memoryBytes / 2 / 32_768), 1_000), 200_000);
}

/**
 * Monitoring by Erlang logs in to the target by ssh; by SNMP and Munin it only sends queries. Of a
 * cluster, one member sends them.
 */
function monitoring({ root, where }: Prepared, share: LoadShare | undefined): Part {
  const element = root.children.find(({ name }) => name === 'monitoring');
  if (element === undefined) return { edits: [], changes: [] };
  const monitors = element.children.filter(({ name }) => name === 'monitor');
  const isOthers = share !== undefined && share.index > 0;
  const dropped = isOthers ? monitors : monitors.filter(needsShell);
  const removed = dropped.length === monitors.length ? [element] : dropped;
  return {
    edits: removed.map(({ start, end }) => ({ start, end, text: '' })),
    changes: dropped.map((monitor) => ({
      what: `monitoring of "${monitor.attribute('host') ?? ''}" is left out`,
      why: needsShell(monitor)
        ? 'it would need ssh and Erlang on that machine'
        : 'the first member of the cluster does it',
      where: where(monitor.start),
    })),
  };
}

function needsShell(monitor: Element): boolean {
  return (
    (monitor.attribute('type') ?? 'erlang') === 'erlang' || monitor.attribute('batch') === 'true'
  );
}

/**
 * erlang/onager_end.erl ends the load at `duration`, because Tsung's own end loses the samples of
 * the last seconds.
 */
function duration({ root, where }: Prepared): Part {
  const load = root.children.find(({ name }) => name === 'load');
  if (load === undefined || readLoad(load, []).cutMs === undefined)
    return { edits: [], changes: [] };
  return {
    edits: removeAttribute(load, 'duration'),
    changes: [
      {
        what: `the end after ${load.attribute('duration')} ${load.attribute('unit') ?? 'second'}s is enforced by Onager`,
        why: "Tsung's own end would lose the samples of the last seconds",
        where: where(load.start),
      },
    ],
  };
}
