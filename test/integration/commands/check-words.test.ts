/**
 * Scenarios as people write them, and the messages and lines that `onager check` gives for each, by
 * the real Tsung's DTD and reader.
 */

import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../../src/commands/check.ts';
import { pack } from '../../../src/commands/pack.ts';
import { temporaryFolder } from '../../support/temporary.ts';

type Parts = Partial<
  Record<'head' | 'clients' | 'servers' | 'load' | 'options' | 'session' | 'sessions', string>
>;

const server = '<server host="127.0.0.1" port="9100" type="tcp"/>';

/** Servers on line 5, the load on 6, options on 7, the session's content on 9. */
function scenario(parts: Parts = {}): string {
  const session = parts.session ?? '<request><http url="/"/></request>';
  return `${parts.head ?? '<?xml version="1.0"?>'}
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
<clients><client host="localhost" use_controller_vm="true"/></clients>
<servers>${parts.servers ?? server}</servers>
${parts.load ?? '<load><arrivalphase phase="1" duration="4" unit="second"><users arrivalrate="3" unit="second"/></arrivalphase></load>'}
<options>${parts.options ?? ''}</options>
${
  parts.sessions ??
  `<sessions><session name="s" probability="100" type="ts_http">
${session}
</session></sessions>`
}
</tsung>
`;
}

let dir = '';
beforeAll(async () => {
  dir = await temporaryFolder('words');
});

const signal = AbortSignal.timeout(300_000);

async function folderOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(dir, 'scenario-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** The problems; if there are none, the changes and warnings. */
async function told(source: string): Promise<readonly string[]> {
  const { changes, ok, problems, warnings } = await check(source, { vars: {}, signal });
  const usual =
    /<clients> is this machine|"127\.0\.0\.1" is the machine that generates the load \(/;
  const words = [
    ...changes.map(({ what, why, where }) => `ok ${where} ${what} (${why})`),
    ...warnings.map((one) => `ok ${one.code} ${one.where} ${one.message} (${one.hint})`),
  ];
  if (ok) return words.filter((line) => !usual.test(line));
  return problems.map(({ code, hint, message, where }) => `${code} ${where} ${message}: ${hint}`);
}

const of = async (text: string | Buffer): Promise<readonly string[]> =>
  await told(await folderOf({ 'tsung.xml': text }));

describe('a valid scenario is taken', () => {
  it.each<readonly [string, Parts]>([
    [
      'blanks around single words',
      {
        servers:
          '<server host=" 127.0.0.1" port="9100 " type=" tcp " weight=" 1 "/><server host="\n127.0.0.1\t" port="9101" type="tcp"/>',
        load: '<load><arrivalphase phase=" 1" duration=" 4" unit="second "><users arrivalrate=" 3 " unit="second"/></arrivalphase></load>',
        options: '<option name=" thinktime" value="1"/>',
        session: '<transaction name=" buy "><request><http url="/"/></request></transaction>',
      },
    ],
    [
      'shares of servers that are not whole numbers',
      {
        servers: `<server host="127.0.0.1" port="9100" type="tcp" weight="0.5"/><server host="127.0.0.1" port="9100" type="tcp" weight="1.5"/>`,
      },
    ],
    ['no XML declaration', { head: '<!-- nothing -->' }],
    ['an XML declaration behind blank lines', { head: '\n\n <?xml version="1.0"?>' }],
    ['an encoding that nobody knows', { head: '<?xml version="1.0" encoding="x-none"?>' }],
    ['an old label of two bytes', { head: '<?xml version="1.0" encoding="utf-16"?>' }],
  ])('with %s', async (_, parts) => {
    expect(await of(scenario(parts))).toEqual([]);
  });

  it.each(['1.3.3', '1.1', '2'])(
    'with the XML version %s, which is reported as a change',
    async (version) => {
      expect(await of(scenario({ head: `<?xml version="${version}"?>` }))).toEqual([
        `ok tsung.xml:1 the XML version is "1.0", not "${version}" (the document is read as version 1.0)`,
      ]);
    },
  );

  it('with another address in blanks, which is looked at without them', async () => {
    const servers = '<server host=" 169.254.169.254 " port="80" type="tcp"/>';
    expect(await of(scenario({ servers }))).toEqual([
      expect.stringMatching(/^TARGET_FORBIDDEN tsung\.xml:5 target "169\.254\.169\.254" /),
    ]);
  });
});

describe('what is wrong has its own line and reason', () => {
  const request = '<request><http url="/"/></request>';
  it.each<readonly [string, Parts, readonly string[]]>([
    [
      'an ampersand in an attribute',
      { session: `\n<request><http url="/?a=1&b=2"/></request>\n${request}` },
      [
        'TSUNG_XML tsung.xml:10 not well-formed XML: unescaped "&" in "&b=2": write "&amp;" instead of "&"',
      ],
    ],
    [
      'ampersands in text, each of them',
      {
        session:
          '<request><match>x & y</match>\n<http url="/?a&"/></request><!-- & --><request><match><![CDATA[&]]></match><http url="/&amp;&#38;&#x26;"/></request>',
      },
      [
        'TSUNG_XML tsung.xml:9 not well-formed XML: unescaped "&" in "&": write "&amp;" instead of "&"',
        'TSUNG_XML tsung.xml:10 not well-formed XML: unescaped "&" in "&": write "&amp;" instead of "&"',
      ],
    ],
    [
      'an element without its end',
      { session: `<request>\n<http url="/"/>\n` },
      [
        'TSUNG_XML tsung.xml:9 not well-formed XML: <request> is not closed before </session>: write </request> where it ends, or end the tag itself with "/>"',
      ],
    ],
    [
      'an end too many',
      { sessions: '</tsung>' },
      [
        'TSUNG_XML tsung.xml:9 not well-formed XML: </tsung> has no opening tag: every element needs an end tag, and every attribute value needs quotes',
      ],
    ],
    [
      'a comment without its end',
      { session: `${request}\n<!-- later\n` },
      [
        'TSUNG_XML tsung.xml:10 not well-formed XML: "<!--" is never closed: write "-->" where it ends',
      ],
    ],
    [
      'a quote without its end',
      { session: `<request><http url="/x/></request>\n\n<thinktime value="2"/>` },
      [
        'TSUNG_XML tsung.xml:9 not well-formed XML: the attribute value that begins here contains "<": close its quotes, and write "&lt;" for a "<" that belongs to the value',
      ],
    ],
    [
      'a port in the host',
      { servers: '<server host="127.0.0.1:9100" port="80" type="tcp"/>' },
      [
        'TSUNG_HOST tsung.xml:5 host "127.0.0.1:9100" has a port in it: write the port in its own attribute: host="127.0.0.1" port="9100"',
      ],
    ],
    [
      'IPv6 by tcp',
      { servers: '<server host="::1" port="9100" type="tcp"/>' },
      [
        'TSUNG_HOST tsung.xml:5 host "::1" is an IPv6 address, but type="tcp" connects by IPv4: "::1" needs type="tcp6"',
      ],
    ],
    [
      'no session',
      { sessions: '\n<sessions>\n</sessions>' },
      [expect.stringMatching(/^TSUNG_DTD tsung\.xml:9 <sessions> has no session: /)],
    ],
    [
      'no sessions',
      { sessions: '' },
      [expect.stringMatching(/^TSUNG_DTD tsung\.xml:3 <tsung> has no sessions: /)],
    ],
    [
      'a request of nothing',
      { session: '<request/>' },
      [expect.stringMatching(/^TSUNG_DTD tsung\.xml:9 <request> has none of http, jabber, raw/)],
    ],
    [
      'a wrong order',
      { session: '<request><http url="/"/>\n<match>x</match></request>' },
      [
        expect.stringMatching(
          /^TSUNG_DTD tsung\.xml:10 <match> comes after <http> in <request>, but belongs before it: /,
        ),
      ],
    ],
    [
      'one too many',
      { session: '<request><http url="/"/>\n<http url="/b"/></request>' },
      [expect.stringMatching(/^TSUNG_DTD tsung\.xml:10 <request> has more than one http: /)],
    ],
    [
      'two of which one may be',
      { session: '<request><http url="/"/>\n<raw ack="local" data="x"/></request>' },
      [
        expect.stringMatching(
          /^TSUNG_DTD tsung\.xml:10 <request> may have only one of <http> and <raw>: /,
        ),
      ],
    ],
    [
      'an element that belongs elsewhere',
      { session: `${request}\n<http url="/"/>` },
      [expect.stringMatching(/^TSUNG_DTD tsung\.xml:10 <http> is not allowed in <session>: /)],
    ],
    [
      'text between elements',
      { session: `${request}\n-->\n${request}` },
      [
        'TSUNG_DTD tsung.xml:10 text "-->" is not allowed in <session>: take it out, or make it a comment: <!-- … -->',
      ],
    ],
    [
      'text in what has attributes only',
      { session: `${request}\n<thinktime value="1">\n\nlong</thinktime>` },
      [
        'TSUNG_DTD tsung.xml:12 text "long" is not allowed in <thinktime>: take it out, or make it a comment: <!-- … -->',
      ],
    ],
    [
      'an element in what has attributes only',
      { session: `${request}\n<thinktime value="1"><request/></thinktime>` },
      expect.arrayContaining([
        'TSUNG_DTD tsung.xml:10 <request> is not allowed in <thinktime>: <thinktime> has attributes only, and ends with "/>"',
      ]),
    ],
  ])('%s', async (_, parts, expected) => {
    expect(await of(scenario(parts))).toEqual(expected);
  });

  it.each([201, 2_000, 25_000])('%i elements within each other', async (depth) => {
    const session = `${'<transaction name="t">\n'.repeat(depth)}${'</transaction>'.repeat(depth)}`;
    expect(await of(scenario({ session }))).toEqual([
      'TSUNG_XML tsung.xml:206 elements are nested deeper than 200: an element may be missing its end tag',
    ]);
  });
});

describe('text that is not UTF-8', () => {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  const cafe = scenario({ session: '<request><http url="/café"/></request>' });
  const problem =
    'TSUNG_XML tsung.xml:9 the file is not UTF-8, and declares no encoding: save it as UTF-8, or declare its encoding, such as <?xml version="1.0" encoding="ISO-8859-1"?>';

  it('is reported the same in a folder, in a zip and as a single file', async () => {
    const folder = await folderOf({ 'tsung.xml': latin1(cafe) });
    expect(await told(folder)).toEqual([problem]);
    expect(await told(join(folder, 'tsung.xml'))).toEqual([problem]);
    await pack(folder, { output: undefined, signal });
    expect(await told(`${folder}.zip`)).toEqual([problem]);
  });

  it('is accepted if its encoding is declared, and reported if the declaration is wrong', async () => {
    const declared = (encoding: string): Buffer =>
      latin1(cafe.replace('?>', ` encoding="${encoding}"?>`));
    expect(await of(declared('ISO-8859-1'))).toEqual([]);
    expect(await of(declared('UTF-8'))).toEqual([
      problem.replace('declares no encoding', 'declares encoding="UTF-8"'),
    ]);
  });

  it('is reported in the included file', async () => {
    const doctype = (text: string): string =>
      text.replace('.dtd">', '.dtd" [<!ENTITY part SYSTEM "part.txt">]>');
    const folder = await folderOf({
      'tsung.xml': doctype(scenario({ session: '&part;' })),
      'part.txt': latin1('<request>\n<http url="/é"/></request>'),
    });
    expect(await told(folder)).toEqual([problem.replace('tsung.xml:9', 'part.txt:2')]);
  });
});

describe('a warning is given', () => {
  it.each<readonly [string, Parts, readonly string[]]>([
    [
      'of options that this Tsung does not know',
      {
        options:
          '<option name="think_time" value="3"/>\n<option name="ssl_disable_sni" value="true"/><option name="frobnicate"/><option name="thinktime" value="1"/><option type="ts_http" name="user_agent"><user_agent probability="100">x</user_agent></option>',
      },
      [
        'ok TSUNG_OPTION_IGNORED tsung.xml:7 option "think_time" does nothing: Tsung 1.7.0 does not know it (did you mean "thinktime"?)',
        'ok TSUNG_OPTION_IGNORED tsung.xml:8 option "ssl_disable_sni" does nothing: Tsung 1.7.0 does not know it; Tsung 1.8 does (leave it out)',
        'ok TSUNG_OPTION_IGNORED tsung.xml:8 option "frobnicate" does nothing: Tsung 1.7.0 does not know it (leave it out)',
      ],
    ],
    [
      'of sessions that send nothing',
      { session: '<thinktime value="1"/>' },
      [
        'ok TSUNG_SESSION_SILENT tsung.xml:8 session "s" sends nothing (it has no <request>: add one, or leave the session out)',
      ],
    ],
    [
      'of a target that is the instance and its page',
      { servers: '<server host="localhost" port="80" type="tcp"/>' },
      [
        'ok TARGET_LOOPBACK tsung.xml:5 "localhost" is the machine that generates the load, and its port 80 is the page of Onager (name the site to test, unless it runs there)',
      ],
    ],
    [
      'of a target that is the instance',
      { servers: '<server host="::1" port="81" type="tcp6"/>' },
      [
        'ok TARGET_LOOPBACK tsung.xml:5 "::1" is the machine that generates the load (name the site to test, unless it runs there)',
      ],
    ],
    [
      'of a variable that is sent as it is written',
      {
        session:
          '<request><dyn_variable name="id" re="x"/><http url="/"/></request>\n<request><http url="/%%_id%%"/></request>',
      },
      [
        'ok TSUNG_SUBST tsung.xml:10 "%%_id%%" in url of <http> stays as it is written (write <request subst="true"> to have the value in its place)',
      ],
    ],
    [
      'of variables that nothing uses or sets',
      {
        session:
          '<request><dyn_variable name="id" re="x"/><http url="/"/></request>\n<request subst="true"><http url="/?%%_ids%%"/></request>',
      },
      [
        'ok TSUNG_VAR_UNUSED tsung.xml:9 nothing in session "s" uses "id" (write %%_id%% where its value belongs, or leave it out)',
        'ok TSUNG_VAR_UNSET tsung.xml:10 nothing in session "s" sets the variable "ids" (set it by <setdynvars> or <dyn_variable>: Tsung sends "undefined" in its place)',
      ],
    ],
  ])('%s', async (_, parts, expected) => {
    expect(await of(scenario(parts))).toEqual(expected);
  });

  const users = {
    options: '<option name="file_server" id="u" value="users.csv"/>',
    session:
      '<setdynvars sourcetype="file" fileid="u"><var name="a"/><var name="b"/></setdynvars><request subst="true"><http url="/%%_a%%/%%_b%%"/></request>',
  };

  it('of lines with fewer columns than variables; a file without lines is a problem', async () => {
    const using = (csv: string) => folderOf({ 'tsung.xml': scenario(users), 'users.csv': csv });
    expect(await told(await using('a;b\n'))).not.toContainEqual(expect.stringContaining('TSUNG_'));
    expect(await told(await using('a,b\n'))).toContainEqual(
      'ok TSUNG_COLUMNS tsung.xml:9 line 1 of "users.csv" has 1 column by the delimiter ";", for 2 variables (its columns seem to be separated otherwise: write delimiter=",")',
    );
    expect(await told(await using(''))).toEqual([
      'TSUNG_FILE_EMPTY tsung.xml:7 file "users.csv" has no line: write a line for each user into it, or look at the program that should have',
    ]);
  });

  it('of rules about requests that it does not have; about transactions they are problems', async () => {
    const session = '<transaction name="login"><request><http url="/"/></request></transaction>';
    const judged = async (rule: string, more = '') =>
      await told(
        await folderOf({
          'tsung.xml': scenario({ session: session + more }),
          'onager.yaml': `slo: ["${rule}"]`,
        }),
      );
    expect(await judged('transaction(login).p95 < 1s')).toEqual([]);
    expect(await judged('request(GET /).p95 < 1s')).toEqual([]);
    expect(await judged('request(GET /cart).p95 < 1s')).toEqual([
      'ok SLO_NAME slo "request(GET /cart).p95 < 1s": the scenario has no request "GET /cart" (it has "GET /")',
    ]);
    const problem =
      'SLO_SCOPE slo "transaction(logn).p95 < 1s": the scenario has no transaction "logn": did you mean "login"? it has "login"';
    expect(await judged('transaction(logn).p95 < 1s')).toEqual([problem]);
    expect(await judged('transaction(logn).p95 < 1s', '<foo/>')).toEqual([
      expect.stringMatching(/^TSUNG_DTD /),
      problem,
    ]);
  });
});

describe('a file', () => {
  const many = Array.from(
    { length: 500 },
    (_, index) => `<request><http url="/picture-${index}.png" version="1.1"/></request>`,
  ).join('\n');

  it('of XML over 16 KB gets the advice to zip it, with the zipped size, and all its other problems', async () => {
    const folder = await folderOf({ 'big.xml': scenario({ session: many, options: '<x/>' }) });
    const path = join(folder, 'big.xml');
    const [first = '', ...others] = await told(path);
    const packed = await pack(path, { output: undefined, signal });
    const size = /1 file, (\S+) bytes/.exec(packed)?.[1];
    expect(first).toMatch(
      /^USER_DATA_OVER_16K undefined it has [\d,]+ bytes, and EC2 takes 16,384/,
    );
    expect(first).toContain(`zip it: it has ${size} bytes then (onager pack ${path})`);
    expect(others).toContainEqual(expect.stringMatching(/^TSUNG_DTD tsung\.xml:7 /));
    expect(packed).toContain(`--user-data fileb://${path}.zip`);
  });

  it('that is a zip over 16 KB is launched with from a bucket', async () => {
    const noise = Buffer.from(Array.from({ length: 30_000 }, (_, at) => (at * at * at) >> 7));
    const folder = await folderOf({ 'tsung.xml': scenario({ session: '<foo/>' }), noise });
    await pack(folder, { output: undefined, signal });
    const lines = await told(`${folder}.zip`);
    expect(lines).toContainEqual(expect.stringMatching(/^USER_DATA_OVER_16K .*onager pack/));
    expect(lines).toContainEqual(expect.stringMatching(/^TSUNG_DTD /));
    const packed = await pack(`${folder}.zip`, { output: undefined, signal });
    expect(packed).toContain(`file://${folder}.zip.onager.yaml`);
  });

  it('or folder without a scenario is refused by pack as by check', async () => {
    const folder = await folderOf({ 'README.md': 'hello' });
    const { problems } = await check(folder, { vars: {}, signal });
    expect(problems).toMatchObject([{ code: 'ENTRY_MISSING' }]);
    await expect(pack(folder, { output: undefined, signal })).rejects.toMatchObject(
      problems[0] ?? {},
    );
    await expect(readdir(join(folder, '..'))).resolves.not.toContain(`${basename(folder)}.zip`);
  });

  it('of another name is packed where the settings name it', async () => {
    const files = { 'load.txt': scenario(), 'onager.yaml': 'entry: load.txt' };
    const packing = pack(await folderOf(files), { output: undefined, signal });
    await expect(packing).resolves.toContain('2 files');
  });

  it('that is empty is refused by pack too, and so is one that is no scenario', async () => {
    const folder = await folderOf({ 'tsung.xml': '\n', 'users.csv': 'a;b' });
    const packing = (name: string) => pack(join(folder, name), { output: undefined, signal });
    await expect(packing('tsung.xml')).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
    await expect(packing('users.csv')).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    expect(await told(folder)).toEqual([
      'TSUNG_XML tsung.xml:1 the file is empty: save the scenario into it',
    ]);
  });
});

it('starts from the one file that is a scenario, not from its parts', async () => {
  const whole = scenario({ session: '&steps;' }).replace(
    '.dtd">',
    '.dtd" [<!ENTITY steps SYSTEM "steps.xml">]>',
  );
  const files = { 'steps.xml': '<request><http url="/a"/></request>', 'load.xml': whole };
  const started = async (more: Readonly<Record<string, string>>) => {
    const { entry, problems } = await check(await folderOf({ ...files, ...more }), {
      vars: {},
      signal,
    });
    return problems[0]?.message ?? entry;
  };
  expect(await started({})).toBe('load.xml');
  expect(await started({ 'body.xml': '<?xml version="1.0"?><soap/>' })).toBe('load.xml');
  expect(await started({ 'load2.xml': whole })).toBe(
    'the load could start from both load.xml (tsung) and load2.xml (tsung)',
  );
});
