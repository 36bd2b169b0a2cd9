/**
 * A scenario with twice as many lines takes twice the processor time, not four times: the agent
 * that checks it serves its page at the same time.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dtdProblems } from '../../../../../src/engine/tsung/check/dtd/problems.ts';
import { loadProblems } from '../../../../../src/engine/tsung/check/load.ts';
import { protocolProblems } from '../../../../../src/engine/tsung/check/protocols.ts';
import { questionsOf } from '../../../../../src/engine/tsung/check/reader/questions.ts';
import { sessionProblems } from '../../../../../src/engine/tsung/check/sessions.ts';
import { targetProblems } from '../../../../../src/engine/tsung/check/targets.ts';
import { valueProblems } from '../../../../../src/engine/tsung/check/values.ts';
import { dataFileFindings } from '../../../../../src/engine/tsung/check/variables/files.ts';
import { scenarioWarnings } from '../../../../../src/engine/tsung/check/warnings.ts';
import { createPlan } from '../../../../../src/engine/tsung/run/plan.ts';
import { resolveFiles } from '../../../../../src/engine/tsung/scenario/file-references.ts';
import { measuredNames } from '../../../../../src/engine/tsung/scenario/measured-names.ts';
import { type Prepared, prepare } from '../../../../../src/engine/tsung/scenario/prepare.ts';
import { type Rewritten, rewrite } from '../../../../../src/engine/tsung/scenario/rewrite.ts';
import { readDtdRules } from '../../../../../src/engine/tsung/xml/dtd-rules.ts';
import { offsetsBefore } from '../../../../../src/engine/tsung/xml/edits.ts';
import { parseTree, withAllBelow } from '../../../../../src/engine/tsung/xml/tree.ts';
import { unknownNames } from '../../../../../src/slo/names.ts';
import { sloRule } from '../../../../support/slo.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const dtd = '/usr/share/tsung/tsung-1.0.dtd';
const install = { script: '', dtd, version: '1.7.0', installDir: '', erl: '' };
const types = new Set(['ts_http']);
const lines = 2_500;
const unknownRule = sloRule('request(GET /unknown).p95 < 1s');

type Parts = Partial<
  Record<'subset' | 'servers' | 'load' | 'options' | 'sessions' | 'session', string>
>;
type Made = Readonly<{ text: string; files?: readonly string[] }>;

let dir = '';
beforeAll(async () => {
  dir = await temporaryFolder('growth');
  await writeFile(join(dir, 'part.xml'), '<request><http url="/"/></request>\n');
});

function xml(parts: Parts): string {
  const {
    subset = '',
    servers = '<server host="127.0.0.1" port="80" type="tcp"/>',
    load = phase(1),
    options = '',
    session = '',
    sessions = `<session name="s" probability="100" type="ts_http">\n${session}</session>`,
  } = parts;
  return `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd" [${subset}]>
<tsung><clients><client host="a"/></clients>
<servers>${servers}</servers>
<load>${load}</load>
<options>${options}</options>
<sessions>${sessions}</sessions></tsung>`;
}

const many = (count: number, one: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${one(index)}\n`).join('');
const phase = (name: number, inner = ''): string =>
  `<arrivalphase phase="${name}" duration="1" unit="second">${inner}<users arrivalrate="1" unit="second"/></arrivalphase>`;
const http = (attributes: string): string => `<request><http ${attributes}/></request>`;

const kinds: readonly (readonly [string, (count: number) => string | Made])[] = [
  ['requests', (n) => xml({ session: many(n, (i) => http(`url="/${i}" version="1.1"`)) })],
  [
    'bodies',
    (n) => xml({ session: many(n, () => http(`url="/" contents="${'a&amp;\n'.repeat(50)}"`)) }),
  ],
  ['requests that cannot be sent', (n) => xml({ session: many(n, () => http('url="/漢"')) })],
  ['times that are none', (n) => xml({ session: many(n, () => '<thinktime value="-1"/>') })],
  ['names that cannot be read', (n) => xml({ session: many(n, () => '<transaction name="-"/>') })],
  [
    'types that are not there',
    (n) => xml({ session: many(n, () => '<change_type new_type="x"/>') }),
  ],
  [
    'entities',
    (n) => xml({ subset: '<!ENTITY e "/">', session: many(n, () => http('url="&e;"')) }),
  ],
  [
    'files that are included',
    (n) => xml({ subset: '<!ENTITY e SYSTEM "part.xml">', session: many(n, () => '&e;') }),
  ],
  [
    'declared entities',
    (n) => xml({ subset: many(n, (i) => `<!ENTITY e${i} "&#38;e${i - 1};">`) }),
  ],
  ['entities that are not declared', (n) => xml({ session: many(n, () => http('url="&e;"')) })],
  ['variables that are not set', (n) => xml({ session: many(n, () => http(`url="\${V}"`)) })],
  ['ampersands', (n) => xml({ session: many(n, () => http('url="/?a=1&b=2"')) })],
  ['phases', (n) => xml({ load: many(n, (i) => phase(i)) })],
  ['phases of one name', (n) => xml({ load: many(n, () => phase(1)) })],
  ['phases without users', (n) => xml({ load: many(n, (i) => `<arrivalphase phase="${i}"/>`) })],
  [
    'phases over and over',
    (n) => xml({ load: many(n, (i) => phase(i)) }).replace('<load', '<load loop="100000"'),
  ],
  [
    'sessions and their shares',
    (n) =>
      xml({
        load: phase(
          1,
          many(n, (i) => `<session_setup name="s${i}" probability="1"/>`),
        ),
        sessions: many(n, (i) => `<session name="s${i}" probability="1" type="ts_http"/>`),
      }),
  ],
  [
    'sessions and their users',
    (n) =>
      xml({
        load: many(n, (i) => `<user session="s${i}" start_time="1"/>`),
        sessions: many(n, (i) => `<session name="s${i}" weight="1" type="ts_http"/>`),
      }),
  ],
  [
    'sessions and phases',
    (n) =>
      xml({
        load: many(n, (i) => phase(i)),
        sessions: many(n, (i) => `<session name="s${i}" probability="1" type="ts_http"/>`),
      }),
  ],
  [
    'users of no session',
    (n) =>
      xml({
        load: many(n, (i) => `<user session="x${i}" start_time="1"/>`),
        sessions: many(n, (i) => `<session name="s${i}" weight="1" type="ts_http"/>`),
      }),
  ],
  [
    'servers',
    (n) => xml({ servers: many(n, (i) => `<server host="h${i}" port="8${i}" type="tcp"/>`) }),
  ],
  ['urls', (n) => xml({ session: many(n, (i) => http(`url="http://h${i}/"`)) })],
  [
    'forbidden addresses',
    (n) => xml({ session: many(n, () => http('url="http://169.254.169.254/"')) }),
  ],
  [
    'files',
    (n) => ({
      text: xml({ session: many(n, (i) => http(`url="/" contents_from_file="x/f${i}"`)) }),
      files: Array.from({ length: n }, (_, i) => `f${i}`),
    }),
  ],
  [
    'files that are missing',
    (n) => xml({ session: many(n, (i) => http(`url="/" contents_from_file="f${i}"`)) }),
  ],
  [
    'ids of files',
    (n) =>
      xml({
        options: many(n, (i) => `<option name="file_server" id="${i}" value="part.xml"/>`),
        session: many(n, (i) => `<setdynvars sourcetype="file" fileid="${i}"/>`),
      }),
  ],
  [
    'variables that nothing uses',
    (n) => xml({ session: many(n, (i) => http(`url="/"/><dyn_variable name="v${i}" re="x"`)) }),
  ],
  [
    'variables of Tsung that nothing sets',
    (n) => xml({ session: many(n, (i) => http(`url="/%%_variable${i}%%"`)) }),
  ],
  [
    'variables of the lines of a file',
    (n) =>
      xml({
        options: '<option name="file_server" id="f" value="part.xml"/>',
        session: many(
          n,
          (i) => `<setdynvars sourcetype="file" fileid="f"><var name="v${i}"/></setdynvars>`,
        ),
      }),
  ],
  ['options that do nothing', (n) => xml({ options: many(n, (i) => `<option name="x${i}"/>`) })],
  ['texts that stand nowhere', (n) => xml({ session: many(n, () => 'stray <request/>') })],
];

describe('twice as many of these take at most three times as long:', () => {
  it.each(kinds)('%s', { timeout: 600_000 }, async (_, make) => {
    const [once, twice] = [make(lines), make(2 * lines)].map((made) =>
      typeof made === 'string' ? { text: made } : made,
    );
    if (once === undefined || twice === undefined) throw new Error('nothing made');
    let [one, two] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < 3; round++) {
      two = Math.min(two, await processorMs(twice));
      if (two < nothingMs) return;
      one = Math.min(one, await processorMs(once));
      // Code is slower the first time it runs, so a doubtful result is measured again.
      if (two < 2.5 * one) return;
    }
    expect(two, `${one} to ${two} ms`).toBeLessThan(3 * one);
  });

  it('places in a text that is written otherwise', () => {
    const time = (count: number): number => {
      const text = 'a\n'.repeat(count);
      const edits = Array.from({ length: count }, (_, i) => ({
        start: 2 * i,
        end: 2 * i,
        text: 'b',
      }));
      const before = process.threadCpuUsage();
      const find = offsetsBefore(text, edits);
      for (let offset = 0; offset < 3 * count; offset++) find(offset);
      return sinceMs(before);
    };
    time(1_000);
    const [one, two] = [time(lines), time(2 * lines)];
    expect(two, `${one} to ${two} ms`).toBeLessThan(Math.max(3 * one, nothingMs));
  });
});

/** What takes next to nothing cannot be distinguished from noise, and need not be. */
const nothingMs = 250;

async function processorMs(made: Made): Promise<number> {
  const before = process.threadCpuUsage();
  await judge(made);
  return sinceMs(before);
}

function sinceMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return Math.round((user + system) / 1_000);
}

/** Everything that check and plan do themselves; other programs do the rest. */
async function judge({ text, files = [] }: Made): Promise<void> {
  await writeFile(join(dir, 'tsung.xml'), text);
  const scenario = {
    dir,
    files: ['tsung.xml', 'part.xml', ...files],
    entry: 'tsung.xml',
    vars: {},
  };
  const prepared = await prepare(scenario, dtd);
  if (prepared.problems.length > 0) return;
  const machine = {
    memoryBytes: 2 ** 31,
    samples: true,
    names: 'template',
    outputDir: dir,
    cpus: 1,
  } as const;
  const rewritten = rewrite({ prepared, machine, dtd });
  await judgeParts(prepared, rewritten);
  const limits = { durationMs: 1, drainMs: 1, minFreeBytes: 1 };
  createPlan({ install, prepared, rewritten, machine, modules: dir, limits });
}

async function judgeParts(prepared: Prepared, { text }: Rewritten): Promise<void> {
  const { root, where } = prepared;
  const rewritten = parseTree(text);
  questionsOf(rewritten, text);
  withAllBelow(rewritten);
  dtdProblems({ root: rewritten, text, where, types }, await readDtdRules(dtd));
  sessionProblems(root, where, types);
  protocolProblems(root, where, types);
  valueProblems(prepared);
  resolveFiles(prepared);
  loadProblems(root, where);
  scenarioWarnings(prepared, install.version);
  await dataFileFindings(prepared);
  unknownNames([unknownRule], measuredNames(root, true));
  await targetProblems(prepared, async () => ['192.0.2.1'], new AbortController().signal);
}
