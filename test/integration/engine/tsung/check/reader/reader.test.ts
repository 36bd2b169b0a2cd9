/**
 * `check` refuses what Tsung's own reader refuses, at the author's line, and reading a scenario
 * runs nothing in it.
 */

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { check } from '../../../../../../src/commands/check.ts';
import { startReader, throwIfBroken } from '../../../../../../src/engine/tsung/check/reader/ask.ts';
import { readerProgram } from '../../../../../../src/engine/tsung/check/reader/program.ts';
import { prepareScenario } from '../../../../../../src/engine/tsung/prepare.ts';
import { compiledModules } from '../../../../../../src/engine/tsung/run/erlang.ts';
import {
  codeFolders,
  findInstall,
  type Install,
} from '../../../../../../src/engine/tsung/run/install.ts';
import type { Problem } from '../../../../../../src/errors.ts';
import { temporaryFolder } from '../../../../../support/temporary.ts';

const signal = new AbortController().signal;
let dir = '';
beforeAll(async () => {
  dir = await temporaryFolder('reader-test');
});

type Parts = Readonly<{
  session?: string;
  type?: string;
  load?: string;
  options?: string;
  more?: string;
}>;

/** The session's content begins on line 9. */
function xml({
  session = get,
  type = 'ts_http',
  load = arrivals,
  options = '',
  more = '',
}: Parts): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
<clients><client host="localhost"/></clients>
<servers><server host="127.0.0.1" port="9100" type="tcp"/></servers>${more}
<load>${load}</load>
<options>${options}</options>
<sessions><session name="s" probability="100" type="${type}">
${session}
</session></sessions>
</tsung>
`;
}
const arrivals =
  '<arrivalphase phase="1" duration="1" unit="second"><users arrivalrate="1" unit="second"/></arrivalphase>';
const get = '<request><http url="/"/></request>';
const asked = (more: string): string => `<request>${more}<http url="/"/></request>`;

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(dir, 'scenario-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

type Judged = Readonly<{ problems: readonly Problem[]; warnings: readonly Problem[] }>;

async function judge(folder: string, install?: Install): Promise<Judged> {
  const preparation = await prepareScenario({
    install: install ?? (await findInstall()),
    scenario: { dir: folder, files: await readdir(folder), entry: 'tsung.xml', vars: {} },
    resolve: () => Promise.resolve(['127.0.0.1']),
    machine: { outputDir: folder, cpus: 1, memoryBytes: 2 ** 31, samples: true, names: 'template' },
    limits: { durationMs: 60_000, minFreeBytes: 0 },
    signal,
  });
  return { problems: [], ...preparation };
}

/** As `code line: sentence`. */
async function told(parts: Parts, files: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const { problems } = await judge(await folderOf({ 'tsung.xml': xml(parts), ...files }));
  return problems.map(({ code, message, where }) => `${code} ${where?.split(':')[1]}: ${message}`);
}

describe('refused, with its line:', () => {
  it.each<readonly [string, Parts, string]>([
    [
      'a broken regular expression of a variable',
      {
        session: `\n<request>\n<dyn_variable name="token" re="token=([a-z]+"/><http url="/"/></request>`,
      },
      'TSUNG_REFUSED 11: the regular expression "token=([a-z]+" of <dyn_variable name="token"> cannot be read: missing ), at character 13',
    ],
    [
      'a broken regular expression of a foreach',
      { session: `<foreach name="a" in="b" include="[x">${get}</foreach>` },
      'TSUNG_REFUSED 9: the regular expression "[x" of <foreach name="a"> cannot be read: missing terminating ] for character class, at character 2',
    ],
    [
      'a broken regular expression of a match',
      { session: asked('\n<match do="log">(a&amp;</match>') },
      'TSUNG_REFUSED 10: the regular expression "(a&" of <match> cannot be read: missing ), at character 3',
    ],
    [
      'a broken XPath',
      { session: asked('<dyn_variable name="a" xpath="//a["/>') },
      'TSUNG_REFUSED 9: the XPath expression "//a[" of dyn_variable "a" cannot be read',
    ],
    [
      'a variable that is looked for in two ways',
      { session: asked('<dyn_variable name="a" re="x(.*)" jsonpath="$.x"/>') },
      'TSUNG_REFUSED 9: dyn_variable "a" is looked for in 2 ways at once: re, jsonpath',
    ],
    [
      'a quote in a variable’s name',
      { session: asked('<dyn_variable name="it\'s" re="a(b)"/>') },
      'TSUNG_REFUSED 9: tsung cannot read the name "it\'s" of a dyn_variable',
    ],
    [
      'an if without a condition',
      { session: `<if var="a">\n${get}\n</if>` },
      'TSUNG_REFUSED 9: <if var="a"> has no condition',
    ],
    [
      'an if with two conditions',
      { session: `<if var="a" eq="1" neq="2">${get}</if>` },
      'TSUNG_REFUSED 9: <if var="a"> has 2 conditions: eq, neq',
    ],
    [
      'a repeat that does not end',
      { session: `<repeat name="r"><while var="a" eq="1"/>\n${get}</repeat>` },
      'TSUNG_REFUSED 9: <repeat name="r"> does not end with <while> or <until>',
    ],
    [
      'a while without a condition',
      { session: `<repeat name="r">${get}\n<while var="a"/></repeat>` },
      'TSUNG_REFUSED 10: <while var="a"> has no condition',
    ],
    [
      'a URL without a slash',
      { session: '<request><http url="shop.example.test/cart"/></request>' },
      'TSUNG_REFUSED 9: url "shop.example.test/cart" of <http> is neither a path nor an address with a port that is a number',
    ],
    [
      'a port that is not a number, in a URL',
      { session: '<request><http url="http://127.0.0.1:http/"/></request>' },
      'TSUNG_REFUSED 9: url "http://127.0.0.1:http/" of <http> is neither a path nor an address with a port that is a number',
    ],
    [
      'a user without a time to start',
      { load: '\n<user session="s"/>' },
      'TSUNG_REFUSED 7: <user session="s"> has no start_time',
    ],
    [
      'an option that no session can set',
      { session: `<set_option name="timeout" value="5"/>${get}` },
      'TSUNG_REFUSED 9: set_option "timeout" is not an option that tsung can set within a session',
    ],
    [
      'a thinktime without a time',
      { session: `${get}\n<thinktime/>` },
      'TSUNG_REFUSED 10: <thinktime> has no value, and no option "thinktime" gives one',
    ],
    [
      'a certificate without its files',
      { session: `<set_option name="certificate"/>${get}` },
      'TSUNG_REFUSED 9: set_option "certificate" has no <certificate> in it',
    ],
    [
      'an option that is not its type’s',
      { options: '<option type="ts_http" name="user_agents"/>' },
      'TSUNG_REFUSED 7: option "user_agents" is not one that type "ts_http" has',
    ],
    [
      'a callback without a module',
      {
        session: `<setdynvars sourcetype="erlang" callback="next"><var name="a"/></setdynvars>${get}`,
      },
      'TSUNG_REFUSED 9: <setdynvars> calls "next"',
    ],
    [
      'a range that is not a range',
      {
        session: `<setdynvars sourcetype="random_number" start="one"><var name="a"/></setdynvars>${get}`,
      },
      'TSUNG_REFUSED 9: start "one" of <setdynvars> is not a whole number',
    ],
    [
      'a variable whose name is a word of Erlang’s',
      {
        session: `<setdynvars sourcetype="value" value="1">\n<var name="end"/></setdynvars>${get}`,
      },
      'TSUNG_REFUSED 10: name "end" of <var> is not a name that Erlang can read',
    ],
    [
      'code that is not there',
      { session: `<setdynvars sourcetype="eval"><var name="a"/></setdynvars>${get}` },
      'TSUNG_REFUSED 9: <setdynvars> has no code',
    ],
    [
      'a variable in the name of a file that is read before any user is there',
      { options: '<option name="file_server" value="%%_f%%"/>' },
      'TSUNG_REFUSED 7: <option name="file_server"> names file "%%_f%%", which does not exist when tsung reads the scenario',
    ],
    [
      'a raw request’s size',
      { type: 'ts_raw', session: '<request><raw datasize="1k" ack="local"/></request>' },
      'TSUNG_REFUSED 9: datasize "1k" of <raw> is not a whole number',
    ],
    [
      'an LDAP filter',
      {
        type: 'ts_ldap',
        session:
          '<request><ldap type="search" base="o" scope="wholeSubtree" filter="(a=b"/></request>',
      },
      'TSUNG_REFUSED 9: the filter "(a=b" of <ldap> cannot be read',
    ],
    [
      'an oid by name',
      {
        more: '<monitoring><monitor host="127.0.0.1" type="snmp"><snmp>\n<oid value="ifInOctets.1" name="in"/></snmp></monitor></monitoring>',
      },
      'TSUNG_REFUSED 6: oid "ifInOctets.1" is not a list of numbers separated by dots',
    ],
    [
      'a port in an odd place',
      {
        more: '<monitoring><monitor host="127.0.0.1" type="munin"><munin port="p"/></monitor></monitoring>',
      },
      'TSUNG_REFUSED 5: port "p" of <munin> is not a whole number',
    ],
    [
      'user agents that are not 100 together',
      {
        options:
          '<option type="ts_http" name="user_agent"><user_agent probability="60">a</user_agent></option>',
      },
      "TSUNG_REFUSED 7: the user agents' probabilities do not add up to 100",
    ],
  ])('%s', async (_, parts, expected) => {
    expect(await told(parts)).toEqual([expected]);
  });
});

describe('what a user would meet first, with its line:', () => {
  const dynvars = (attributes: string): string =>
    `<setdynvars ${attributes}><var name="who"/></setdynvars>${get}`;
  it.each<readonly [string, Parts, readonly string[]]>([
    [
      'a module that is nowhere',
      { session: dynvars('sourcetype="erlang" callback="accounts:next"') },
      [
        'TSUNG_CODE 9: <setdynvars> calls "accounts:next", but module "accounts" is neither in the scenario nor in tsung or Erlang',
      ],
    ],
    [
      'a function that its module does not have',
      { session: dynvars('sourcetype="erlang" callback="ts_user_server:next"') },
      [
        'TSUNG_CODE 9: <setdynvars> calls "ts_user_server:next", but module "ts_user_server" has no such function of one argument',
      ],
    ],
    [
      'a function of Tsung’s',
      { session: dynvars('sourcetype="erlang" callback="ts_user_server:get_unique_id"') },
      [],
    ],
    [
      'a module in a substitution',
      { session: '<request subst="true"><http url="/%%_a%%b:%%accounts:next%%"/></request>' },
      [
        'TSUNG_CODE 9: <http> calls "accounts:next", but module "accounts" is neither in the scenario nor in tsung or Erlang',
      ],
    ],
    [
      'no substitution where none is made',
      { session: '<request><http url="/%%a:b%%"/></request>' },
      [],
    ],
    [
      'code that cannot be read',
      { session: dynvars('sourcetype="eval" code="fun({P,_D}) -&gt;\n  a b end."') },
      [
        'TSUNG_CODE 10: the Erlang code in <setdynvars> cannot be read: syntax error before: b, at character 20',
      ],
    ],
    [
      'a comment, which would never end',
      { session: dynvars('sourcetype="eval" code="fun(_) -&gt; % none\n  a end."') },
      ['TSUNG_CODE 9: the Erlang code in <setdynvars> cannot be read: syntax error before: '],
    ],
    [
      'a function of two arguments',
      { session: dynvars('sourcetype="eval" code="fun(P,D) -&gt; a end."') },
      ['TSUNG_CODE 9: the function in <setdynvars> takes 2 arguments, and tsung gives it one'],
    ],
    [
      'code of several statements',
      { session: dynvars('sourcetype="eval" code="A = 1, fun(_) -&gt; A end."') },
      [],
    ],
    [
      'a request of another protocol than its session’s',
      { session: `${get}\n<request><raw data="a" ack="local"/></request>` },
      ['TSUNG_PROTOCOL 10: <raw> is in session "s", whose type there is "ts_http"'],
    ],
    [
      'a session that changes its protocol, and forgets to change back',
      {
        session: `<change_type new_type="ts_raw" host="127.0.0.1" port="9" server_type="tcp"/>
<request><raw data="a" ack="local"/></request>
<transaction name="t">${get}</transaction>`,
      },
      ['TSUNG_PROTOCOL 11: <http> is in session "s", whose type there is "ts_raw"'],
    ],
  ])('%s', async (_, parts, expected) => {
    const found = await told(parts);
    expect(found.map((one, index) => one.slice(0, expected[index]?.length))).toEqual(expected);
  });

  it('a module of the scenario’s own is looked into', async () => {
    const folder = await folderOf({
      'tsung.xml': xml({ session: dynvars('sourcetype="erlang" callback="accounts:next"') }),
      'accounts.erl': '-module(accounts).\n-export([next/1]).\nnext(_) -> ["a"].\n',
    });
    expect((await judge(folder)).problems).toHaveLength(1);
    execFileSync('erlc', ['accounts.erl'], { cwd: folder });
    expect((await judge(folder)).problems).toEqual([]);
  });
});

it('a place in an included file is that file’s', async () => {
  const entry = xml({ session: '&steps;' }).replace(
    '"tsung-1.0.dtd"',
    '"tsung-1.0.dtd" [<!ENTITY steps SYSTEM "steps.xml">]',
  );
  const steps = `${get}\n${get}\n<if var="a">${get}</if>`;
  const { problems } = await judge(await folderOf({ 'tsung.xml': entry, 'steps.xml': steps }));
  expect(problems.map(({ where }) => where)).toEqual(['steps.xml:3']);
});

describe('nothing of a scenario is run by being read:', () => {
  it('not its code', async () => {
    const proof = join(dir, 'evaluated');
    const code = `file:write_file("${proof}", ""), fun(_) -&gt; a end.`.replaceAll('"', '&quot;');
    const eval_ = `<setdynvars sourcetype="eval" code="${code}"><var name="a"/></setdynvars>${get}`;
    const oid = `<monitoring><monitor host="127.0.0.1" type="snmp"><snmp><oid value="1.2" name="a" eval="${code}"/></snmp></monitor></monitoring>`;
    expect(await told({ session: eval_, more: oid })).toEqual([]);
    expect(await readdir(dir)).not.toContain('evaluated');
  });

  it.each(['xmerl_scan', 'error_handler', 'accounts', 'ts_config'])(
    'not a module of it that is called %s',
    async (name) => {
      const proof = join(dir, `loaded-${name}`);
      const folder = await folderOf({
        'tsung.xml': xml({
          session: `<setdynvars sourcetype="erlang" callback="accounts:next"><var name="a"/></setdynvars>${get}`,
        }),
        [`${name}.erl`]: `-module(${name}).\n-export([next/1]).\n-on_load(start/0).\nstart() -> file:write_file("${proof}", "").\nnext(_) -> ["a"].\n`,
      });
      execFileSync('erlc', [`${name}.erl`], { cwd: folder });
      const { problems } = await judge(folder);
      expect(problems).toHaveLength(name === 'accounts' ? 0 : 1);
      expect(await readdir(dir)).not.toContain(basename(proof));
    },
  );

  it('and nothing is left of it', async () => {
    const temporary = await mkdtemp(join(dir, 'tmp-'));
    const folder = await folderOf({ 'tsung.xml': xml({}) });
    vi.stubEnv('TMPDIR', temporary);
    try {
      expect((await judge(folder)).problems).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(await readdir(temporary)).toEqual([]);
    expect(await readdir(folder)).toEqual(['tsung.xml']);
  });
});

describe('an engine that', () => {
  /** Tsung as it is installed here, except for one module or for Erlang itself. */
  async function installWith({
    module,
    erl,
    beam = 'FOR1 no module',
  }: Readonly<{ module?: string; erl?: string; beam?: string | Uint8Array }>): Promise<Install> {
    const real = await findInstall();
    const folder = await mkdtemp(join(dir, 'install-'));
    const script = join(folder, 'bin', 'tsung');
    await mkdir(join(folder, 'bin'));
    const ownErl = join(folder, 'erl');
    if (erl !== undefined) await writeFile(ownErl, `#!/bin/sh\n${erl}\n`, { mode: 0o755 });
    await writeFile(
      script,
      `VERSION=${real.version}\nINSTALL_DIR=${folder}\nERL=${erl === undefined ? real.erl : ownErl}\n`,
    );
    const install = await findInstall([script]);
    for (const [index, own] of codeFolders(install).entries()) {
      const theirs = codeFolders(real)[index] ?? '';
      await mkdir(own, { recursive: true });
      for (const file of await readdir(theirs)) {
        if (file === `${module}.beam`) await writeFile(join(own, file), beam);
        else await symlink(join(theirs, file), join(own, file));
      }
    }
    return { ...install, dtd: real.dtd };
  }

  it.each<readonly [string, Parameters<typeof installWith>[0], string, RegExp]>([
    [
      'has a module that this Erlang refuses',
      { module: 'ts_client' },
      'ENGINE_BROKEN',
      /^tsung needs module ts_client, and Erlang\/OTP \d+ refuses it: it is built for a more recent release, or damaged$/,
    ],
    [
      'has an Erlang that does not start',
      { erl: 'echo "erlexec: cannot open shared object file" >&2; exit 127' },
      'ENGINE_BROKEN',
      /^erl, which runs tsung, does not start: erlexec: cannot open shared object file$/,
    ],
  ])('%s is reported by check and by version', async (_, broken, code, message) => {
    const install = await installWith(broken);
    const refusal = { code, message: expect.stringMatching(message) };
    const folder = await folderOf({ 'tsung.xml': xml({}) });
    await expect(judge(folder, install)).rejects.toMatchObject(refusal);
    await expect(throwIfBroken(install, signal)).rejects.toMatchObject(refusal);
  });

  it('cannot do what the scenario asks for says so', async () => {
    const folder = await mkdtemp(join(dir, 'module-'));
    const code = '-module(oauth_unix).\n-export([now/0]).\nnow() -> crypto:of_tomorrow(oauth).\n';
    await writeFile(join(folder, 'oauth_unix.erl'), code);
    execFileSync('erlc', ['oauth_unix.erl'], { cwd: folder, stdio: 'ignore' });
    const beam = await readFile(join(folder, 'oauth_unix.beam'));
    const install = await installWith({ module: 'oauth_unix', beam });
    const judgedWith = async (more: string): Promise<readonly Problem[]> => {
      const session = `<request>\n<http url="/">\n${more}</http></request>`;
      const judged = await judge(await folderOf({ 'tsung.xml': xml({ session }) }), install);
      return judged.problems;
    };
    const oauth = '<oauth consumer_key="a" consumer_secret="b"/>';
    expect(await judgedWith(oauth)).toMatchObject([
      {
        code: 'TSUNG_LACKS',
        message: expect.stringMatching(
          /^this Tsung cannot do OAuth with Erlang\/OTP \d+: its module oauth_unix calls crypto:of_tomorrow\/1, which is not there$/,
        ),
        where: 'tsung.xml:11',
      },
    ]);
    expect(await judgedWith('')).toEqual([]);
  });

  it('has no Erlang is not installed', async () => {
    const install = { ...(await findInstall()), script: 'other', erl: join(dir, 'no-erl') };
    const missing = { code: 'ENGINE_MISSING' };
    await expect(judge(await folderOf({ 'tsung.xml': xml({}) }), install)).rejects.toMatchObject(
      missing,
    );
    await expect(throwIfBroken(install, signal)).rejects.toMatchObject(missing);
  });

  it.each([
    ['is killed', 'kill -KILL $$', 'it was ended by SIGKILL'],
    [
      'may not do here what it may where the load is fired',
      'echo "Failed to create thread: Operation not permitted" >&2; exit 1',
      'erl does not start: Failed to create thread: Operation not permitted',
    ],
    ['says nothing', 'exit 1', 'erl does not start: it ended with exit code 1$'],
    ['does nothing', 'exit 0', 'erl gave no answer'],
  ])('gives no answer refuses nothing, and this is warned of: Erlang %s', async (_, erl, why) => {
    const install = await installWith({ erl });
    const { problems, warnings } = await judge(await folderOf({ 'tsung.xml': xml({}) }), install);
    expect(problems).toEqual([]);
    const words = warnings.filter(({ code }) => code === 'TSUNG_UNJUDGED');
    expect(words.map(({ message }) => message)).toEqual([
      expect.stringMatching(new RegExp(`^Tsung's own reader has not judged the scenario: ${why}`)),
    ]);
    await throwIfBroken(install, signal);
  });

  it('does not answer is given up as soon as the check is aborted', async () => {
    const stop = new AbortController();
    const asked_ = throwIfBroken(await installWith({ erl: 'while :; do :; done' }), stop.signal);
    stop.abort(new Error('enough'));
    await expect(asked_).rejects.toThrow('enough');
  });
});

describe('a reader that was started before there is a scenario', () => {
  it('judges the one that comes', async () => {
    const reader = startReader(await findInstall(), signal);
    const dir = await folderOf({});
    const modules = await compiledModules(await findInstall(), signal);
    const asked = { questions: '', scenarioDir: dir, modules, tlsVerify: false };
    const text = xml({}).replace('tsung-1.0.dtd', '/usr/share/tsung/tsung-1.0.dtd');
    expect(await reader.ask({ ...asked, text })).toEqual({ lines: [['ok']] });
    const other = startReader(await findInstall(), signal);
    const { lines } = Object(await other.ask({ ...asked, text: text.replace('url="/"', '') }));
    expect(lines[0][0]).toBe('refused');
  });

  it('is ended when none comes', async () => {
    const over = new AbortController();
    const reader = startReader(await findInstall(), over.signal);
    over.abort(new Error('no scenario'));
    const asked = { text: '', questions: '', scenarioDir: '', modules: '', tlsVerify: false };
    await expect(reader.ask(asked)).rejects.toThrow('no scenario');
  });

  it('ends when the agent that started it is gone', async () => {
    const { erl } = await findInstall();
    const folder = await folderOf({});
    const args = ['-noshell', '-eval', readerProgram, '-extra', folder];
    execFileSync(erl, args, { input: '', timeout: 30_000 });
    expect(await readdir(folder)).toEqual([]);
  });
});

it('is heard after our own checks only', async () => {
  const { problems } = await judge(
    await folderOf({
      'tsung.xml': xml({
        session: `<if var="a">${get}</if>`,
        load: arrivals.replace('"1"', '"x"'),
      }),
    }),
  );
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.map(({ code }) => code)).not.toContain('TSUNG_REFUSED');
});

it('is explained by onager check', async () => {
  const folder = await folderOf({ 'tsung.xml': xml({ session: `<if var="a">${get}</if>` }) });
  const result = await check(folder, { vars: {}, signal });
  expect(result.ok).toBe(false);
  expect(result.problems).toEqual([
    {
      code: 'TSUNG_REFUSED',
      message: '<if var="a"> has no condition',
      hint: 'give it one of eq, neq, gt, lt, gte, lte: var="a" eq="1"',
      where: 'tsung.xml:9',
    },
  ]);
});
