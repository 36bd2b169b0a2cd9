/**
 * The recorder is exact: ten scenarios of several protocols on the real Tsung, each beside a
 * witness that writes down every sample, Tsung's own rows where it has them (HTTP), and what the
 * target counted.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { findLogFolder } from '../../../../../src/engine/tsung/output/log-folder.ts';
import { createCollector } from '../../../../../src/results/collect.ts';
import {
  type CountingTarget,
  httpTarget,
  jabberTarget,
  mqttTarget,
  postgresTarget,
  rawTarget,
  webSocketTarget,
} from '../../../../support/counting-targets.ts';
import {
  bySecond,
  figuresOfRecords,
  figuresOfRows,
  type Row,
  readDump,
} from '../../../../support/sample-rows.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';
import { killErlang, type Run, runTsungIn, scenario } from '../../../../support/tsung-run.ts';
import { createWitness } from '../../../../support/witness.ts';

type Case = Readonly<{
  name: string;
  target: () => Promise<CountingTarget>;
  sessions: string;
  load?: string;
  options?: string;
  files?: Readonly<Record<string, string>>;
  /** Of what the target counted, what a request is called, where that is not the same. */
  called?: (name: string) => string;
  /** The load is cut, while requests are in flight: see exact-ends.test.ts. */
  isCut?: boolean;
  /** Pages of each user, where the scenario says so. */
  pages?: number;
}>;

const session = (content: string, type = 'ts_http', share = 100): string =>
  `<session name="s${share}" probability="${share}" type="${type}">${content}</session>`;
const loop = (times: number, content: string): string =>
  `<for from="1" to="${times}" var="i">${content}</for>`;
const think = '<thinktime value="0.05" random="false"/>';
const phase = (number: number, seconds: number, rate: number): string =>
  `<arrivalphase phase="${number}" duration="${seconds}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase>`;
/** However slow the machine is, there are that many users. */
const load =
  '<arrivalphase phase="1" duration="60" unit="second"><users maxnumber="36" arrivalrate="12" unit="second"/></arrivalphase>';
const http = (path: string, attributes = ''): string =>
  `<request ${attributes}><http url="${path}"/></request>`;

const cases: readonly Case[] = [
  {
    name: 'HTTP, tags and nested transactions',
    target: httpTarget,
    sessions: session(
      loop(
        15,
        `<transaction name="outer">${http('/a')}
           <repeat name="once" max_repeat="1">
             <transaction name="inner">${http('/b', 'tag="tagged"')}${http('/c')}</transaction>
             <while var="i" eq="0"/>
           </repeat>
         </transaction>${think}`,
      ),
    ),
    called: (name) => (name === 'GET /b' ? 'tagged' : name),
  },
  {
    name: 'HTTP, 404s and variables in URLs',
    target: httpTarget,
    sessions: session(
      loop(
        15,
        `<setdynvars sourcetype="file" fileid="items" order="iter"><var name="item"/></setdynvars>
         ${http('/missing/%%_item%%', 'subst="true"')}${http('/item/%%_item%%?q=1', 'subst="true"')}
         ${http('/missing')}${think}`,
      ),
    ),
    options: '<option name="file_server" id="items" value="items.csv"/>',
    files: { 'items.csv': 'one\ntwo\nthree\n' },
    called: (name) => name.replace(/(one|two|three)$/, '%%_item%%'),
  },
  {
    name: 'WebSocket',
    target: webSocketTarget,
    sessions: session(
      `<request><websocket type="connect" path="/"/></request>
       ${loop(20, `<request><websocket type="message">hi</websocket></request>${think}`)}
       <request><websocket type="close"/></request>`,
      'ts_websocket',
    ),
  },
  {
    name: 'XMPP',
    target: jabberTarget,
    sessions: session(
      `<transaction name="login">
         <request><jabber type="connect" ack="local"/></request>${think}
         <request><jabber type="auth_get" ack="local"/></request>
         <request><jabber type="auth_set_plain" ack="local"/></request>
       </transaction>
       <request><jabber type="presence:initial" ack="local"/></request>${think}
       ${loop(10, `<request><jabber type="chat" ack="local" size="16" destination="random"/></request>${think}`)}
       <request><jabber type="close" ack="local"/></request>`,
      'ts_jabber',
    ),
    options: `<option type="ts_jabber" name="global_number" value="5"/>
      <option type="ts_jabber" name="userid_max" value="1000"/>
      <option type="ts_jabber" name="domain" value="localhost"/>
      <option type="ts_jabber" name="username" value="u"/>
      <option type="ts_jabber" name="passwd" value="p"/>`,
  },
  {
    name: 'MQTT',
    target: mqttTarget,
    sessions: session(
      `<request><mqtt type="connect" clean_start="true" keepalive="10"/></request>
       <request><mqtt type="subscribe" topic="t" qos="1"/></request>
       ${loop(20, `<request><mqtt type="publish" topic="t" qos="1">hi</mqtt></request>${think}`)}
       <request><mqtt type="disconnect"/></request>`,
      'ts_mqtt',
    ),
  },
  {
    name: 'raw TCP',
    target: rawTarget,
    sessions: session(
      loop(20, `<request><raw data="ping" ack="local"/></request>${think}`),
      'ts_raw',
    ),
  },
  {
    name: 'PostgreSQL',
    target: postgresTarget,
    sessions: session(
      `<transaction name="login">
         <request><pgsql type="connect" database="d" username="u"/></request>
         <request><pgsql type="authenticate" password="p"/></request>
       </transaction>
       ${loop(20, `<request><pgsql type="sql">SELECT 1</pgsql></request>${think}`)}
       <request><pgsql type="close"/></request>`,
      'ts_pgsql',
    ),
  },
  {
    name: 'several sessions and phases',
    target: httpTarget,
    load: phase(1, 2, 8) + phase(2, 1, 30) + phase(3, 1, 4),
    sessions: [
      session(loop(10, http('/browse') + think), 'ts_http', 50),
      session(
        `<transaction name="buy">${loop(10, http('/buy') + think)}</transaction>`,
        'ts_http',
        30,
      ),
      session(
        `${http('/look')}<thinktime value="1" random="true"/>${http('/leave')}`,
        'ts_http',
        20,
      ),
    ].join(''),
  },
  {
    name: 'kept and closed connections, pages',
    target: httpTarget,
    sessions: session(
      loop(
        8,
        `${http('/page')}${http('/style')}${http('/closes')}${think}${http('/second')}${http('/script')}${think}`,
      ),
    ),
    pages: 16,
  },
  {
    name: 'cut while users are under way',
    target: httpTarget,
    load: phase(1, 60, 15),
    sessions: session(
      `<transaction name="all">${loop(500, http('/a') + http('/b') + think)}</transaction>`,
    ),
    isCut: true,
  },
];

it.concurrent.each(cases)('$name', async (one) => {
  await using target = await one.target();
  const root = await temporaryFolder('exact');
  const witness = await createWitness(root);
  const text = scenario({
    port: target.port,
    load: one.load ?? load,
    sessions: one.sessions,
    ...(one.options === undefined ? {} : { options: one.options }),
  });
  const entry = one.isCut ? text.replace('<load>', '<load duration="4" unit="second">') : text;
  const run = await runTsungIn(root, {
    samples: 'rows',
    files: { ...one.files, 'tsung.xml': entry },
    changed: witness.into,
  });
  expect(run).toMatchObject({ unreadable: 0, outcome: { kind: one.isCut ? 'cut' : 'complete' } });

  const dump = await readDump(run.dir);
  if (one.target === httpTarget) agree(requestsOf(run), dump);
  else expect(dump).toEqual([]);
  // Tsung does not wait for the witness at an end that is not the planned one.
  if (one.isCut === true) return;
  const seen = await witness.rows();
  agree(run, seen);
  await agreesWithTsung(run, seen);

  const requested = new Map(
    [...run.counts].flatMap(([key, count]) =>
      key.startsWith('request ') ? [[key.slice('request '.length), count] as const] : [],
    ),
  );
  const answered = new Map<string, number>();
  for (const [name, count] of target.answered) {
    const called = one.called?.(name) ?? name;
    answered.set(called, (answered.get(called) ?? 0) + count);
  }
  expect(requested).toEqual(answered);
  expect(run.counts.get('connect connect')).toBe(target.connections());
  const users = run.intervals.reduce((sum, { usersStarted = 0 }) => sum + usersStarted, 0);
  if (one.pages !== undefined) expect(run.counts.get('page page')).toBe(one.pages * users);
});

it.concurrent('seconds and durations stay true while the machine stands still for three seconds', async () => {
  await using target = await httpTarget();
  const root = await temporaryFolder('held');
  const witness = await createWitness(root);
  const sessions = session(loop(60, http('/a') + http('/b') + think));
  let [heldMs, continuedMs] = [0, 0];
  const run = await runTsungIn(root, {
    files: { 'tsung.xml': scenario({ port: target.port, load, sessions }) },
    changed: witness.into,
    async onRunning(_plan, pid) {
      await killErlang(pid, 'SIGSTOP');
      heldMs = Date.now();
      await sleep(3_000);
      continuedMs = Date.now();
      await killErlang(pid, 'SIGCONT');
    },
  });
  expect(run).toMatchObject({ unreadable: 0, outcome: { kind: 'complete' } });
  const seen = await witness.rows();
  agree(run, seen);
  expect(run.counts.get('request GET /a')).toBe(target.answered.get('GET /a'));
  expect(run.counts.get('request GET /b')).toBe(target.answered.get('GET /b'));
  // The signals reach a busy machine's process a little later.
  const within = seen.filter(
    ({ endUs }) => endUs / 1_000 > heldMs + 500 && endUs / 1_000 < continuedMs,
  );
  expect(within).toEqual([]);
  // What was sent before and answered after it took that long, and nothing else did.
  const long = seen.filter(({ us }) => us > 2_500_000);
  const users = run.intervals.reduce((sum, { usersStarted = 0 }) => sum + usersStarted, 0);
  expect(long.filter(({ endUs }) => endUs / 1_000 < continuedMs)).toEqual([]);
  expect(long.filter(({ key }) => key.startsWith('request')).length).toBeLessThanOrEqual(users);
});

/**
 * Tsung's log has the means of what it is told: as many durations as there were, each the middle of
 * its bucket.
 */
async function agreesWithTsung({ dir }: Run, seen: readonly Row[]): Promise<void> {
  const folder = await findLogFolder(dir);
  const log = await readFile(join(folder ?? '', 'tsung.log'), 'utf8');
  const own = new Map<string, { count: number; sumMs: number }>();
  for (const [, name = '', count, mean] of log.matchAll(
    /^stats: (\S+) (\d+) (\S+)(?: \S+){5}$/gm,
  )) {
    const known = own.get(name) ?? { count: 0, sumMs: 0 };
    known.count += Number(count);
    known.sumMs += Number(count) * Number(mean);
    own.set(name, known);
  }
  for (const kind of ['request', 'connect', 'page']) {
    const rows = seen.filter(({ key }) => key.startsWith(kind));
    const exactMs = rows.reduce((sum, { us }) => sum + us / 1_000, 0) / rows.length;
    const { count = 0, sumMs = 0 } = own.get(kind) ?? {};
    expect({ kind, count }).toEqual({ kind, count: rows.length });
    expect(Math.abs(sumMs / count - exactMs)).toBeLessThanOrEqual(exactMs / 2_048 + 0.001);
  }
}

/** Counts, sums, extremes and buckets by name; buckets by second; percentiles as they are shown. */
function agree(run: Pick<Run, 'sampling' | 'seconds'>, seen: readonly Row[]): void {
  expect(seen.length).toBeGreaterThan(100);
  expect(figuresOfRecords(run.seconds)).toEqual(figuresOfRows(seen));
  const { faults, seconds, atBorder } = bySecond(seen, run.seconds);
  expect(faults).toEqual([]);
  expect(seconds).toBeGreaterThanOrEqual(3);
  expect(atBorder).toBeLessThan(seen.length / 2);

  const collector = createCollector({ sampling: run.sampling, slo: [], plan: { loadPhases: [] } });
  for (const second of run.seconds) collector.add(second);
  const measured = collector.full();
  for (const { kind, name, count, latency } of measured.names) {
    const sorted = seen
      .filter(({ key }) => key === `${kind} ${name}`)
      .map(({ us }) => us)
      .toSorted((a, b) => a - b);
    expect(sorted).toHaveLength(count);
    for (const [percent, ms] of [
      [50, latency?.p50Ms],
      [95, latency?.p95Ms],
      [99, latency?.p99Ms],
    ] as const) {
      const exactMs = (sorted[Math.ceil((percent * count) / 100) - 1] ?? Number.NaN) / 1_000;
      expect(ms).toBeGreaterThanOrEqual(exactMs);
      expect(ms).toBeLessThanOrEqual(exactMs * 1.001 + 0.001);
    }
  }
}

const requestsOf = ({ sampling, seconds }: Run): Pick<Run, 'sampling' | 'seconds'> => ({
  sampling,
  seconds: seconds.map((second) => ({
    ...second,
    totals: second.totals.filter(({ kind }) => kind === 'request'),
  })),
});
