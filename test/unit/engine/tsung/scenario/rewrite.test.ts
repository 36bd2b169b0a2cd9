/** Scenarios as authors write them, and what Onager makes of them. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoadShare } from '../../../../../src/engine/engine.ts';
import { resolveFiles } from '../../../../../src/engine/tsung/scenario/file-references.ts';
import { prepare } from '../../../../../src/engine/tsung/scenario/prepare.ts';
import { rewrite } from '../../../../../src/engine/tsung/scenario/rewrite.ts';
import type { Problem } from '../../../../../src/errors.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const dtd = '/usr/share/tsung/tsung-1.0.dtd';

type Result = Readonly<{
  dir: string;
  text: string;
  changes: readonly string[];
  problems: readonly Problem[];
}>;

async function result(
  text: string | Uint8Array,
  {
    files = {},
    samples = true,
    names = 'template',
    vars = {},
    share,
  }: Readonly<{
    files?: Readonly<Record<string, string>>;
    samples?: boolean | 'rows';
    names?: 'template' | 'url';
    vars?: Readonly<Record<string, string>>;
    share?: LoadShare;
  }> = {},
): Promise<Result> {
  const dir = await temporaryFolder('rewrite');
  await writeFile(join(dir, 'tsung.xml'), text);
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  const prepared = await prepare(
    { dir, files: ['tsung.xml', ...Object.keys(files)], entry: 'tsung.xml', vars },
    dtd,
  );
  const problems = [
    ...prepared.problems,
    ...(prepared.problems.length > 0 ? [] : resolveFiles(prepared).problems),
  ];
  const machine = { memoryBytes: 2 ** 31, samples, names };
  const rewritten = rewrite({ prepared, machine, dtd, share });
  return {
    dir,
    text: rewritten.text,
    changes: rewritten.changes.map(({ what, where }) => `${where}: ${what}`),
    problems,
  };
}

const doctype = `<!DOCTYPE tsung SYSTEM "${dtd}">`;
const body = (
  parts: Partial<
    Record<'root' | 'clients' | 'monitoring' | 'load' | 'options' | 'sessions', string>
  > = {},
): string => {
  const {
    root = '',
    clients = '<clients><client host="a"/></clients>',
    monitoring = '',
    load = '<load>',
    options = '',
    sessions = '',
  } = parts;
  return `<tsung ${root}>${clients}<servers/>${monitoring}${load}</load>${options}<sessions>${sessions}</sessions></tsung>`;
};
const http = '<session name="s" probability="100" type="ts_http"></session>';

describe('the prologue', () => {
  it.each([
    ['another path', '<?xml version="1.0"?>\n<!DOCTYPE tsung SYSTEM "/x/tsung-1.0.dtd">\n'],
    ['single quotes', "<?xml version='1.0'?><!DOCTYPE tsung SYSTEM '/x/tsung-1.0.dtd'>"],
    ['a public identifier', '<!DOCTYPE tsung PUBLIC "-//x//y" "/x/tsung-1.0.dtd" []>'],
    ['several lines', '<?xml\nversion="1.0"?>\n<!DOCTYPE tsung\n SYSTEM "x.dtd"\n[\n]>\n'],
    [
      'a comment before it that looks like one',
      '<!-- <!DOCTYPE tsung SYSTEM "no"> --><!DOCTYPE tsung SYSTEM "x">',
    ],
    ['a comment in it', '<!DOCTYPE tsung SYSTEM "x" [<!-- ]> -->]>'],
    ['no DOCTYPE', '<?xml version="1.0"?>'],
    ['nothing', ''],
    ['a byte order mark', '\uFEFF<?xml version="1.0"?><!DOCTYPE tsung SYSTEM "x">'],
  ])('names the DTD of this machine, given %s', async (_what, prologue) => {
    const { text, problems } = await result(prologue + body());
    expect(problems).toEqual([]);
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?><!DOCTYPE tsung SYSTEM "\/usr\/share\/tsung\/tsung-1.0.dtd"/,
    );
    expect(text.replace(/<!--.*?-->/gs, '').match(/<!DOCTYPE/g)).toHaveLength(1);
  });

  it('keeps what else stands in the DOCTYPE', async () => {
    const { text } = await result(
      `<!DOCTYPE tsung SYSTEM "x" [<!ATTLIST tsung\n more CDATA #IMPLIED><!ENTITY a "b">]>${body()}`,
    );
    expect(text).toContain('[<!ATTLIST tsung more CDATA #IMPLIED>]>');
  });

  it('reads another encoding and writes UTF-8', async () => {
    const latin = `<?xml version="1.0" encoding="ISO-8859-1"?>${doctype}${body({ sessions: '<!-- caf\xe9 -->' })}`;
    const { text } = await result(Buffer.from(latin, 'latin1'));
    expect(text).toContain('encoding="UTF-8"');
    expect(text).toContain('café');
  });

  it('leaves every line where it was', async () => {
    const source = `<?xml version="1.0"?>\n<!-- a\n -->\n${doctype}\n${body({ clients: '<clients>\n\n<client\nhost="a"/>\n</clients>\n', monitoring: '<monitoring>\n<monitor host="x"/>\n</monitoring>\n' })}\n<!-- end -->`;
    const { text } = await result(source);
    const lineOf = (content: string): number =>
      content.split('\n').findIndex((line) => line.includes('<sessions>'));
    // The DOCTYPE moved to the declaration's line.
    expect(lineOf(text)).toBe(lineOf(source));
  });
});

describe('what Tsung writes', () => {
  it.each([
    ['requests are measured', true, 'false'],
    ['they are not', false, 'false'],
    ['rows are wanted, too', 'rows', 'protocol_local'],
  ] as const)('is no more than needed where %s', async (_what, samples, dumptraffic) => {
    const { text } = await result(
      doctype +
        body({ sessions: http, root: 'dumptraffic="light" backend=\'json\' loglevel="debug"' }),
      { samples },
    );
    expect(text).toContain(`dumptraffic="${dumptraffic}" backend='text' loglevel="notice"`);
  });

  it('is set where the author set nothing, and not in what only looks like the root', async () => {
    const { text } = await result(
      `${doctype}<!-- <tsung> -->${body({ sessions: '<!-- <tsung backend="x"> --><![CDATA[<tsung>]]>' })}`,
    );
    expect(text).toMatch(
      /-- <tsung> --><tsung (?=[^>]*dumptraffic="false")(?=[^>]*backend="text")/,
    );
    expect(text).toContain('<!-- <tsung backend="x"> --><![CDATA[<tsung>]]>');
  });
});

describe('the load of other machines', () => {
  it('comes from this one', async () => {
    const clients =
      '<clients><client weight="2" cpu=\'4\' host="far"><ip value="10.0.0.1"/></client><client host="away"/></clients>';
    const { text, changes } = await result(doctype + body({ clients }));
    expect(text).toContain(
      '<clients><client host="127.0.0.1" use_controller_vm="true" maxusers="32768"/></clients>',
    );
    expect(text).not.toContain('far');
    expect(changes).toEqual([
      'tsung.xml:1: <clients> is this machine, not "far", "away"',
      "tsung.xml:1: the clients' own addresses (1) are left out",
    ]);
  });

  it('is there even where the author forgot it', async () => {
    const { text } = await result(doctype + body({ clients: '' }));
    expect(text).toMatch(/<tsung[^>]*><clients>.*<\/clients><servers\/>/);
  });

  it('is not monitored by ssh', async () => {
    const monitoring =
      '<monitoring><monitor host="a"/><monitor host="b" type="snmp"/><monitor type="erlang" host="c"></monitor></monitoring>';
    const { text, changes } = await result(doctype + body({ monitoring }));
    expect(text).toContain('<monitoring><monitor host="b" type="snmp"/></monitoring>');
    expect(changes.filter((change) => change.includes('monitoring'))).toHaveLength(2);
  });

  it('is monitored by one member of a cluster', async () => {
    const monitoring = '<monitoring><monitor host="b" type="snmp"/></monitoring>';
    const source = doctype + body({ monitoring });
    const first = await result(source, { share: { index: 0, weights: [1, 1] } });
    expect(first.text).toContain(monitoring);
    const second = await result(source, { share: { index: 1, weights: [1, 1] } });
    expect(second.text).not.toContain('<monitor');
    expect(second.changes).toContainEqual(expect.stringContaining('monitoring of "b" is left out'));
  });

  it('ends at its duration by our own hand', async () => {
    const { text, changes } = await result(
      doctype + body({ load: '<load unit="minute" duration="2" loop="1">' }),
    );
    expect(text).toContain('<load unit="minute"  loop="1">');
    expect(changes.join()).toContain('the end after 2 minutes is enforced by Onager');
  });
});

describe('files', () => {
  const option = (path: string): string =>
    `<options><option value="${path}" name="file_server" id="u"></option></options>`;

  it.each([
    ['its path', 'users.csv'],
    ['a path on the author’s machine', '/home/me/users.csv'],
    ['a path that leads out', '../../etc/users.csv'],
    ['a path for Windows', 'C:\\data\\users.csv'],
    ['an address', 'file:///data/users.csv'],
  ])('are found by %s', async (_what, path) => {
    const { text, problems, dir } = await result(doctype + body({ options: option(path) }), {
      files: { 'users.csv': '' },
    });
    expect(problems).toEqual([]);
    expect(text).toContain(`value="${dir}/users.csv"`);
  });

  it('are never taken from outside the scenario', async () => {
    const { problems } = await result(doctype + body({ options: option('/etc/passwd') }));
    expect(problems).toMatchObject([{ code: 'TSUNG_FILE_MISSING', where: 'tsung.xml:1' }]);
  });

  it('are not guessed at', async () => {
    const { problems } = await result(doctype + body({ options: option('/x/a.csv') }), {
      files: { 'a.csv': '' },
    });
    expect(problems).toEqual([]);
  });

  it('are found wherever the DTD has a path', async () => {
    const sessions = http.replace(
      '></',
      `><set_option name="certificate"><certificate cacertfile="/k/ca.pem" keyfile="k.pem"/></set_option><request><http url="/" contents_from_file="/b/body.txt"/></request><request><http url="/" contents_from_file="%%_file%%"/></request></`,
    );
    const { problems } = await result(doctype + body({ sessions }), { files: { 'ca.pem': '' } });
    expect(problems.map(({ message }) => message)).toEqual([
      'file "k.pem" is not in the scenario',
      'file "/b/body.txt" is not in the scenario',
    ]);
  });
});

describe('entities', () => {
  const withEntities = (declarations: string, sessions: string): string =>
    `<!DOCTYPE tsung SYSTEM "x" [${declarations}]>\n${body({ sessions })}`;

  it('that are files are put in their place, lines kept apart', async () => {
    const source = withEntities(
      '<!ENTITY shop SYSTEM "/home/me/shop.xml">',
      '&shop;<!-- &shop; -->',
    );
    const shop = `<?xml version="1.0" encoding="utf-8"?>\n${http.replace('></', '>\n<request>&amp;</request></')}`;
    const { text, problems, changes } = await result(source, { files: { 'shop.xml': shop } });
    expect(problems).toEqual([]);
    expect(text).toContain('<request>&amp;</request>');
    expect(text).toContain('<!-- &shop; -->');
    expect(changes.join()).toContain(
      'tsung.xml:1: "&shop;" is replaced with the content of "shop.xml"',
    );
    const broken = await result(source, {
      files: { 'shop.xml': shop.replace('</request>', '</requst>') },
    });
    expect(broken.problems).toMatchObject([{ code: 'TSUNG_XML', where: 'shop.xml:3' }]);
  });

  it('that are text work in content and in attributes', async () => {
    const { text, problems } = await result(
      withEntities(
        '<!ENTITY a \'x&b;"y\'><!ENTITY b "1">',
        '<session name="&a;" probability="100" type="ts_http">&a;</session>',
      ),
    );
    expect(problems).toEqual([]);
    expect(text).toContain('<session name="x1&quot;y"');
  });

  it.each([
    ['an undeclared one', '', '&shop;', 'TSUNG_ENTITY'],
    [
      'one whose file is missing',
      '<!ENTITY shop SYSTEM "shop.xml">',
      '&shop;',
      'TSUNG_FILE_MISSING',
    ],
    [
      'a file of the system',
      '<!ENTITY shop SYSTEM "file:///etc/passwd">',
      '&shop;',
      'TSUNG_FILE_MISSING',
    ],
    [
      'an address',
      '<!ENTITY shop SYSTEM "http://127.0.0.1/x.xml">',
      '&shop;',
      'TSUNG_FILE_MISSING',
    ],
    ['one that contains itself', '<!ENTITY a "&b;"><!ENTITY b "&a;">', '&a;', 'TSUNG_ENTITY'],
    ['a parameter entity', '<!ENTITY % a SYSTEM "x.dtd">%a;', '', 'TSUNG_ENTITY'],
    ['markup in an attribute', '<!ENTITY a "<b/>">', '<x y="&a;"/>', 'TSUNG_ENTITY'],
    [
      'a billion laughs',
      `<!ENTITY l0 "${'ha'.repeat(50)}">${Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')}`,
      '&l10;',
      'TSUNG_ENTITY',
    ],
    [
      'a billion times nothing',
      `<!ENTITY l0 "">${Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')}`,
      '&l10;',
      'TSUNG_ENTITY',
    ],
  ])('that are %s are a problem', async (_what, declarations, sessions, code) => {
    const { problems } = await result(withEntities(declarations, sessions));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });
});

describe('text that is not a scenario', () => {
  it.each([
    ['an element without an end', '<tsung>\n<clients>', 'tsung.xml:2'],
    ['an attribute without quotes', '<tsung a=b/>', 'tsung.xml:1'],
    ['a bare ampersand', `\n${body().replace('</load>', 'a & b</load>')}`, 'tsung.xml:2'],
    ['a tag that never ends', '<tsung', 'tsung.xml:1'],
    ['a quote that never ends', '<tsung a="', 'tsung.xml:1'],
    ['a comment that never ends', '<!-- <tsung/>', 'tsung.xml:1'],
    ['a DOCTYPE that never ends', '<!DOCTYPE tsung [', 'tsung.xml:1'],
    ['nothing', '', 'tsung.xml:1'],
    ['another root', '<html/>', 'tsung.xml:1'],
    ['bytes', '\0\u0001\u0002', 'tsung.xml:1'],
  ])('is refused: %s', async (_what, text, where) => {
    const { problems } = await result(text);
    expect(problems).toMatchObject([{ code: 'TSUNG_XML', where }]);
  });

  it('names the variables that are not set, and escapes those that are', async () => {
    const name = (variable: string): string =>
      body().replace('<servers/>', `<servers><server host="$\{${variable}}"/></servers>`);
    expect((await result(doctype + name('HOST'))).problems).toMatchObject([{ code: 'VAR_UNSET' }]);
    const { text, problems } = await result(doctype + name('HOST'), { vars: { HOST: 'a"b<&' } });
    expect(problems).toEqual([]);
    expect(text).toContain('host="a&quot;b&lt;&amp;"');
  });
});
