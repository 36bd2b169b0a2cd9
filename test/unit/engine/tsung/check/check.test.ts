/** What can be wrong with a scenario besides its form. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isForbidden } from '../../../../../src/engine/addresses.ts';
import { loadProblems } from '../../../../../src/engine/tsung/check/load.ts';
import type { Resolve } from '../../../../../src/engine/tsung/check/resolve.ts';
import { sessionProblems } from '../../../../../src/engine/tsung/check/sessions.ts';
import { targetProblems } from '../../../../../src/engine/tsung/check/targets.ts';
import { readLoad } from '../../../../../src/engine/tsung/scenario/load.ts';
import { type Prepared, prepare } from '../../../../../src/engine/tsung/scenario/prepare.ts';
import { parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';
import type { Problem } from '../../../../../src/errors.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const types = new Set(['ts_http', 'ts_jabber', 'ts_config_http', 'ts_config_jabber']);
const where = (): string => 'tsung.xml:1';
const told = (
  problems: readonly Readonly<{ code: string; message: string }>[],
): readonly string[] => problems.map(({ code, message }) => `${code}: ${message}`);

const session = (name: string, share: string, content = ''): string =>
  `<session name="${name}" ${share} type="ts_http">${content}</session>`;

describe('sessions', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'probabilities of 100',
      session('a', 'probability="33.3"') + session('b', 'probability="66.7"'),
      [],
    ],
    [
      'probabilities of less',
      session('a', 'probability="60"') + session('b', 'probability="30"'),
      ['TSUNG_PROBABILITY: the probabilities of 2 sessions add up to 90, not to 100'],
    ],
    [
      'a probability of less',
      session('a', 'probability="90"'),
      ['TSUNG_PROBABILITY: the probability of the only session is 90, not 100'],
    ],
    ['weights of any sum', session('a', 'weight="1"') + session('b', 'weight="7"'), []],
    [
      'probability beside weight',
      session('a', 'weight="1"') + session('b', 'probability="100"'),
      ['TSUNG_PROBABILITY: session "a" has a weight, session "b" has none'],
    ],
    [
      'both in one',
      session('a', 'weight="1" probability="100"'),
      ['TSUNG_PROBABILITY: session "a" has both a probability and a weight'],
    ],
    [
      'neither',
      session('a', ''),
      ['TSUNG_PROBABILITY: session "a" has no probability and no weight'],
    ],
    [
      'words',
      session('a', 'probability="all"'),
      ['TSUNG_PROBABILITY: probability "all" of session "a" is not a number'],
    ],
    [
      'an unknown type',
      session('a', 'probability="100"').replace('ts_http', 'ts_gopher'),
      ['TSUNG_SESSION_TYPE: session type "ts_gopher" is not installed'],
    ],
    [
      'a change to an unknown type',
      session('a', 'probability="100"', '<change_type new_type="ts_x"/>'),
      ['TSUNG_SESSION_TYPE: session type "ts_x" is not installed'],
    ],
    [
      'a transaction name Erlang cannot read',
      session('a', 'probability="100"', '<transaction name="log-in"/><transaction name="buy_1"/>'),
      ['TSUNG_TRANSACTION_NAME: tsung cannot read the transaction name "log-in"'],
    ],
    [
      'a transaction name in a script Erlang’s atoms do not have',
      session('a', 'probability="100"', '<transaction name="käufer"/><transaction name="漢"/>'),
      ['TSUNG_TRANSACTION_NAME: tsung cannot read the transaction name "漢"'],
    ],
    [
      'an unknown file id',
      session('a', 'probability="100"', '<setdynvars sourcetype="file" fileid="u"/>'),
      ['TSUNG_FILE_MISSING: no file_server option has the id "u"'],
    ],
  ])('with %s', (_what, sessions, expected) => {
    const root = parseTree(
      `<tsung><load><arrivalphase phase="1"/><arrivalphase phase="2"/></load><sessions>${sessions}</sessions></tsung>`,
    );
    expect(told(sessionProblems(root, where, types))).toEqual(expected);
  });

  it.each<readonly [string, string, readonly string[]]>([
    [
      'shares that a phase changes',
      '<arrivalphase phase="1"><session_setup name="*" probability="50"/></arrivalphase>',
      [],
    ],
    [
      'shares that a phase spoils',
      '<arrivalphase phase="7"><session_setup name="a" probability="50"/></arrivalphase>',
      [
        'TSUNG_PROBABILITY: the probabilities of 2 sessions add up to 90, not to 100, in arrival phase 7',
      ],
    ],
    [
      'a share of nobody',
      '<arrivalphase phase="1"><session_setup name="c" probability="50"/></arrivalphase>',
      ['TSUNG_SESSION_NAME: there is no session "c"'],
    ],
    ['a user of nobody', '<user session="z*"/>', ['TSUNG_SESSION_NAME: there is no session "z*"']],
    ['users of fixed sessions only', '<user session="a"/>', []],
  ])('with %s', (_what, load, expected) => {
    const sessions = session('a', 'probability="60"') + session('b', 'probability="40"');
    const root = parseTree(`<tsung><load>${load}</load><sessions>${sessions}</sessions></tsung>`);
    expect(told(sessionProblems(root, where, types))).toEqual(expected);
  });
});

const phase = (users: string, attributes = 'phase="1" duration="2" unit="second"'): string =>
  `<arrivalphase ${attributes}>${users}</arrivalphase>`;
const users = (attributes: string): string => `<users unit="second" ${attributes}/>`;

describe('a load', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['users by rate', phase(users('arrivalrate="0.5"')), []],
    ['users by gap', phase(users('interarrival="0.1"')), []],
    ['no users', phase(users('arrivalrate="0.2"')), ['TSUNG_LOAD: the load of 2 s has no users']],
    ['nobody at all', '', ['TSUNG_LOAD: the load of 0 s has no users']],
    [
      'a rate of zero',
      phase(users('arrivalrate="0"')),
      ['TSUNG_LOAD: arrival phase "1" has the invalid rate "0"'],
    ],
    [
      'a rate that Erlang cannot read',
      phase(users('arrivalrate=".5"')),
      ['TSUNG_LOAD: arrival phase "1" has the invalid rate ".5"'],
    ],
    [
      'rate and gap',
      phase(users('arrivalrate="1" interarrival="1"')),
      ['TSUNG_LOAD: arrival phase "1" has both or neither of arrivalrate and interarrival'],
    ],
    ['a phase without users', phase(''), ['TSUNG_LOAD: arrival phase "1" has no users']],
    [
      'a phase of no time',
      phase(users('arrivalrate="1"'), 'phase="1" duration="0" unit="second"'),
      ['TSUNG_LOAD: arrival phase "1" has a duration of 0'],
    ],
    [
      'a fraction of a duration',
      phase(users('arrivalrate="1"'), 'phase="1" duration="1.5" unit="second"'),
      ['TSUNG_LOAD: arrival phase "1" has the invalid duration "1.5"'],
    ],
    [
      'a phase twice',
      phase(users('arrivalrate="1"')) + phase(users('arrivalrate="1"')),
      ['TSUNG_LOAD: there are two arrival phases "1"'],
    ],
    [
      'a phase with a name',
      phase(users('arrivalrate="1"'), 'phase="ramp" duration="2" unit="second"'),
      ['TSUNG_LOAD: arrival phase "ramp" has a name that is not a number'],
    ],
    ['a user at a fixed time', '<user session="a" start_time="3" unit="second"/>', []],
  ])('with %s', (_what, load, expected) => {
    const root = parseTree(
      `<tsung><load>${load}</load><sessions><session name="a"/></sessions></tsung>`,
    );
    expect(told(loadProblems(root, where))).toEqual(expected);
  });

  it('is planned phase by phase, round by round, up to its end', () => {
    const text = `<load duration="1" unit="minute" loop="1">
      ${phase(users('interarrival="0.5"'), 'phase="2" duration="20" unit="second"')}
      ${phase('<users unit="minute" arrivalrate="60" maxnumber="4"/>', 'phase="1" duration="10000" unit="millisecond"')}
      <user session="a*" start_time="5"/></load>`;
    expect(readLoad(parseTree(text), ['a1', 'a2', 'b'])).toEqual({
      cutMs: 60_000,
      durationMs: 60_000,
      users: 4 + 40 + 4 + 40 + 2,
      phases: [
        { name: '1', startMs: 0, durationMs: 10_000, arrivalRate: 1, users: 4 },
        { name: '2', startMs: 10_000, durationMs: 20_000, arrivalRate: 2, users: 40 },
        { name: '1', startMs: 30_000, durationMs: 10_000, arrivalRate: 1, users: 4 },
        { name: '2', startMs: 40_000, durationMs: 20_000, arrivalRate: 2, users: 40 },
      ],
    });
  });
});

describe('a load that is repeated', () => {
  const repeated = (
    times: string,
    once = phase(users('arrivalrate="2"')),
  ): ReturnType<typeof readLoad> => readLoad(parseTree(`<load ${times}>${once}</load>`), []);
  it('is counted to its end, and shown as far as it can be', () => {
    const { phases, ...all } = repeated('loop="99999"');
    expect(all).toEqual({ durationMs: 100_000 * 2_000, users: 100_000 * 4 });
    expect(phases).toHaveLength(1_000);
  });

  it('is counted to the end of the test, within a round', () => {
    const { phases, ...all } = repeated('loop="99999" duration="100005"');
    expect(all).toEqual({ cutMs: 100_005_000, durationMs: 100_005_000, users: 200_010 });
    expect(phases).toHaveLength(1_000);
  });

  it('has an end where it is of nothing', () => {
    expect(repeated('loop="999999999999" duration="5"', '')).toMatchObject({ users: 0 });
  });
});

describe('a load whose phase waits for its users', () => {
  it('says of no later phase when users arrive in it', () => {
    const waiting = 'phase="1" duration="10" unit="second" wait_all_sessions_end="true"';
    const text = `<load>${phase(users('arrivalrate="2"'), waiting)}
      ${phase(users('arrivalrate="2"'), 'phase="2" duration="10" unit="second"')}</load>`;
    const { phases, users: all } = readLoad(parseTree(text), []);
    expect(phases.map(({ users }) => users)).toEqual([20, undefined]);
    expect(all).toBe(40);
  });
});

describe('addresses of the metadata service', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '2852039166',
    '0xA9FEA9FE',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.16689662',
    '::ffff:169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    'fd00:ec2::254',
    'FD00:0EC2:0:0:0:0:0:0254',
    '64:ff9b::a9fe:a9fe',
    'fe80::1%eth0',
    '169.254.169.254.',
  ])('are known as %s', (host) => {
    expect(isForbidden(host)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.253.0.1',
    '::1',
    'fd00::1',
    'example.test',
    'localhost',
    '',
    '%%_host%%',
    'a b',
  ])('are not %s', (host) => {
    expect(isForbidden(host)).toBe(false);
  });
});

describe('targets', () => {
  const addresses: Readonly<Record<string, readonly string[]>> = {
    'shop.test': ['127.0.0.1'],
    'trap.test': ['127.0.0.1', '169.254.169.254'],
  };
  const resolve: Resolve = async (name) => addresses[name] ?? 'no such name';
  const problemsOf = async (servers: string, content = ''): Promise<readonly string[]> =>
    told(await allProblemsOf(servers, content));
  const allProblemsOf = async (servers: string, content: string): Promise<readonly Problem[]> => {
    const dir = await temporaryFolder('targets');
    const text = `<tsung><servers>${servers}</servers><sessions><session><request>${content}</request></session></sessions></tsung>`;
    await writeFile(join(dir, 'tsung.xml'), text);
    const prepared: Prepared = await prepare(
      { dir, files: ['tsung.xml'], entry: 'tsung.xml', vars: {} },
      '/usr/share/tsung/tsung-1.0.dtd',
    );
    return await targetProblems(prepared, resolve, AbortSignal.timeout(5_000));
  };
  const server = (host: string, port = '80'): string =>
    `<server host="${host}" port="${port}" type="tcp"/>`;

  it.each<readonly [string, string, string, readonly string[]]>([
    ['a name with an address', server('shop.test'), '', []],
    [
      'a name without',
      server('nowhere.test'),
      '',
      ['TARGET_UNRESOLVABLE: target "nowhere.test" has no address: no such name'],
    ],
    [
      'the metadata service',
      server('169.254.169.254'),
      '',
      ['TARGET_FORBIDDEN: target "169.254.169.254" is an address of the instance metadata service'],
    ],
    [
      'a name for it',
      server('trap.test'),
      '',
      [
        'TARGET_FORBIDDEN: target "trap.test" is 169.254.169.254, an address of the instance metadata service',
      ],
    ],
    [
      'an URL to it',
      server('shop.test'),
      '<http url="http://user:x@0xa9fea9fe/latest"/>',
      ['TARGET_FORBIDDEN: target "0xa9fea9fe" is an address of the instance metadata service'],
    ],
    [
      'an URL to it by IPv6',
      server('shop.test'),
      '<http url="http://[::ffff:169.254.169.254]:80/"/>',
      [
        'TARGET_FORBIDDEN: target "::ffff:169.254.169.254" is an address of the instance metadata service',
      ],
    ],
    [
      'a change of server to it',
      server('shop.test'),
      '<change_type host="fd00:ec2::254" port="80"/>',
      ['TARGET_FORBIDDEN: target "fd00:ec2::254" is an address of the instance metadata service'],
    ],
    [
      'a host that is known later',
      server('%%_host%%', '%%_port%%'),
      '<http url="http://%%_host%%/"/>',
      [],
    ],
    ['a path', server('shop.test'), '<http url="/169.254.169.254"/>', []],
    ['port 0', server('shop.test', '0'), '', ['TSUNG_PORT: port "0" of "shop.test" is not a port']],
    [
      'port 70000',
      server('shop.test', '70000'),
      '',
      ['TSUNG_PORT: port "70000" of "shop.test" is not a port'],
    ],
    [
      'the port of the members of a cluster',
      server('shop.test', '7424'),
      '',
      [
        'TARGET_FORBIDDEN: target "shop.test" has port 7424, at which the members of a cluster talk with each other',
      ],
    ],
    [
      'a port by name',
      server('shop.test', 'http'),
      '',
      ['TSUNG_PORT: port "http" of "shop.test" is not a port'],
    ],
  ])('with %s', async (_what, servers, content, expected) => {
    expect(await problemsOf(servers, content)).toEqual(expected);
  });

  it.each([
    '<http url="//169.254.169.254/x"/>',
    '<http url="http:\\\\169.254.169.254/x"/>',
    '<http url="\\\\169.254.169.254\\x"/>',
    '<http url="http:/169.254.169.254/"/>',
    '<http url="http:169.254.169.254"/>',
    '<http url="HTTPS://169.254.169.254"/>',
    '<http url=" http://169.254.169.254/"/>',
    '<http url="ht\ttp://169.254.\n169.254/"/>',
    '<http url="http://a@b@169.254.169.254/"/>',
    '<http url="http://shop.test\\@169.254.169.254/"/>',
    '<http url="http://user@169.254.169.254:80/"/>',
    '<http url="http://169.254.169.254:%%_port%%/"/>',
    '<http url="//%%_user%%@169.254.169.254/"/>',
    '<http url="http://169.254.%%_c%%.254/"/>',
    '<http url="//2852039166/"/>',
    '<http url="//0xa9.0xfe.0xa9.0xfe/"/>',
    '<http url="//0251.254.169.254/"/>',
    '<http url="//169.254.43518/"/>',
    '<http url="//[::ffff:a9fe:a9fe]/"/>',
    '<http url="//[fd00:ec2::254]/"/>',
    '<http url="//169.254.169.254./"/>',
    '<http url="http://%31%36%39.254.169.254/"/>',
    '<http url="http://１６９.254.169.254/"/>',
    '<http url="http://169。254。169。254/"/>',
    '<websocket path="ws://169.254.169.254/latest"/>',
    '<option name="bosh_path" value="//169.254.169.254/"/>',
    '<setdynvars sourcetype="value" value="169.254.169.254"/>',
    '<setdynvars sourcetype="value" value="http://0xa9fea9fe/latest"/>',
    '<change_type host=" 169.254.169.254 " port="80"/>',
    '<change_type host="%31%36%39.254.169.254" port="80"/>',
    '<change_type host="x@169.254.169.254" port="80"/>',
  ])('do not hide the metadata service in %s', async (content) => {
    const problems = await problemsOf(server('shop.test'), content);
    expect(problems).toEqual([expect.stringMatching(/^TARGET_FORBIDDEN: /)]);
  });

  it.each([
    '<http url="/http://169.254.169.254/"/>',
    '<http url="/?to=//169.254.169.254/"/>',
    '<http url="/x" contents="169.254.169.254"/>',
    '<setdynvars sourcetype="value" value="2852039166"/>',
    '<option name="seed" value="2852039166"/>',
    '<http url="//127.0.0.1/"/>',
    '<http url="//nowhere.test/"/>',
  ])('are none in %s', async (content) => {
    expect(await problemsOf(server('shop.test'), content)).toEqual([]);
  });

  it('are looked at however many names there are', async () => {
    const names = Array.from({ length: 300 }, (_, index) => server(`s${index}.test`)).join('');
    const problems = await problemsOf(names + server('169.254.169.254'));
    expect(problems).toContainEqual(expect.stringMatching(/^TARGET_FORBIDDEN: /));
  });

  it.each<readonly [string, string, string, string | undefined]>([
    ['127.0.0.1:9100', 'tcp', 'has a port in it', 'host="127.0.0.1" port="9100"'],
    ['shop.test:', 'tcp', 'has a port in it', 'host="shop.test"'],
    ['http://shop.test', 'tcp', 'is neither a name nor an address', 'without scheme'],
    ['shop.test/shop', 'ssl', 'is neither a name nor an address', 'path'],
    ['[::1]', 'tcp6', 'is neither a name nor an address', 'brackets'],
    ['[::1]:80', 'tcp6', 'has a port in it', 'host="::1" port="80"'],
    ['::1', 'tcp', 'is an IPv6 address', '"::1" needs type="tcp6"'],
    ['::1', 'ssl', 'is an IPv6 address', '"::1" needs type="ssl6"'],
    ['::1', 'websocket', 'is an IPv6 address', 'only by tcp6, ssl6, udp6'],
    ['127.0.0.1', 'udp6', 'is an IPv4 address', '"127.0.0.1" needs type="udp"'],
    ['::1', 'tcp6', '', undefined],
    ['::ffff:127.0.0.1', 'tcp6', '', undefined],
    ['127.0.0.1', 'websocket_ssl', '', undefined],
    ['shop.test', 'tcp6', '', undefined],
  ])('as "%s" by %s', async (host, type, message, hint) => {
    const written = `<change_type host="${host}" port="80" server_type="${type}"/>`;
    const told = await allProblemsOf(server('shop.test'), written);
    if (hint === undefined) expect(told).toEqual([]);
    else {
      expect(told).toEqual([
        expect.objectContaining({
          code: 'TSUNG_HOST',
          message: expect.stringContaining(message),
          hint: expect.stringContaining(hint),
        }),
      ]);
    }
  });

  it('in an URL are reached as the last server is', async () => {
    const url = '<http url="http://[::1]:80/"/>';
    const proxy = '<option name="http_use_server_as_proxy" value="true"/>';
    const six = server('shop.test').replace('"tcp"', '"tcp6"');
    expect(await problemsOf(server('shop.test'), url)).toEqual([
      expect.stringMatching(/^TSUNG_HOST: .*type="tcp"/),
    ]);
    expect(await problemsOf(server('shop.test') + six, url)).toEqual([]);
    expect(await problemsOf(server('shop.test'), proxy + url)).toEqual([]);
  });
});
