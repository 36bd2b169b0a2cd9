/**
 * What people really give instead of a scenario: each mistake has its code, its sentence and its
 * way out.
 */

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { OnagerError } from '../../../src/errors.ts';
import { readUserData } from '../../../src/user-data/decode.ts';
import {
  asText,
  base64,
  cloudConfigPart,
  emptyZip,
  mime,
  settingsPart,
  xml,
  zip,
  zipPart,
} from './samples.ts';

const tar = Buffer.alloc(1_024);
tar.write('tsung.xml');
tar.write('ustar', 257);
const settings = '#onager\nlifetime: 2h\n';
const part = (encoding: string, body: string, type = 'application/zip') => ({
  headers: [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`],
  body,
});

const mistakes: readonly (readonly [
  what: string,
  bytes: Buffer | string,
  code: string,
  words: string,
])[] = [
  ['a zip read as text', asText(zip()), 'USER_DATA_MANGLED', 'fileb://'],
  ['a zip read as Latin-1', Buffer.from(zip().toString('latin1')), 'USER_DATA_MANGLED', 'as bytes'],
  [
    'gzip data read as Latin-1',
    Buffer.from(gzipSync(xml).toString('latin1')),
    'USER_DATA_MANGLED',
    'as bytes',
  ],
  ['gzipped nothing', gzipSync(''), 'USER_DATA_UNKNOWN', '\\x1f\\x8b'],
  ['gzip data read as text', asText(gzipSync(xml)), 'USER_DATA_MANGLED', 'fileb://'],
  ['a zip cut at half', zip().subarray(0, 60), 'USER_DATA_ZIP_CUT', 'after 60 bytes'],
  ['an empty zip', emptyZip, 'USER_DATA_ZIP_EMPTY', 'no files'],
  ['a 7z archive', Buffer.from('7z\xbc\xaf\x27\x1c\0\x04', 'latin1'), 'USER_DATA_ARCHIVE', '7z'],
  ['a RAR archive', Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'), 'USER_DATA_ARCHIVE', 'RAR'],
  ['an xz file', Buffer.from('\xfd7zXZ\0\0', 'latin1'), 'USER_DATA_ARCHIVE', 'xz'],
  ['a bzip2 file', 'BZh91AY&SY', 'USER_DATA_ARCHIVE', 'bzip2'],
  ['a Zstandard file', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'USER_DATA_ARCHIVE', 'Zstandard'],
  ['a tar archive', tar, 'USER_DATA_ARCHIVE', 'tar'],
  ['a tar.gz', gzipSync(tar), 'USER_DATA_ARCHIVE', 'tar'],
  ['a split zip', 'PK\x07\x08PK', 'USER_DATA_ARCHIVE', 'split'],
  [
    'a JMeter plan',
    '<?xml version="1.0"?>\n<jmeterTestPlan version="1.2"/>',
    'USER_DATA_OTHER_ENGINE',
    'JMeter',
  ],
  ['a k6 script', "import http from 'k6/http';\n", 'USER_DATA_OTHER_ENGINE', 'k6'],
  ['a locustfile', 'import os\nfrom locust import HttpUser\n', 'USER_DATA_OTHER_ENGINE', 'Locust'],
  ['a Gatling simulation', 'import io.gatling.core.Predef._', 'USER_DATA_OTHER_ENGINE', 'Gatling'],
  [
    'an Artillery script',
    'config:\n  target: https://h.test\nscenarios:\n  - flow: []\n',
    'USER_DATA_OTHER_ENGINE',
    'Artillery',
  ],
  ['a web page', '<!DOCTYPE html>\n<html><body>403</body></html>', 'USER_DATA_HTML', 'web page'],
  ['a page without a DOCTYPE', '<html>', 'USER_DATA_HTML', 'web page'],
  ['XHTML', '<?xml version="1.0"?>\n<html xmlns="x"/>', 'USER_DATA_HTML', 'web page'],
  [
    'an error of S3',
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
    'USER_DATA_S3_ERROR',
    'error message from S3',
  ],
  ['an S3 address', 's3://bucket/checkout.zip\n', 'USER_DATA_LOCATION', 's3://bucket/checkout.zip'],
  [
    'a signed address',
    'https://b.s3.test/x.zip?X-Amz-Signature=0123',
    'USER_DATA_LOCATION',
    'x.zip?[redacted]',
  ],
  ['fileb:// itself', 'fileb://tsung.xml.zip', 'USER_DATA_PATH', 'name of a file'],
  ['a path', './load/tsung.xml', 'USER_DATA_PATH', 'name of a file'],
  ['a Windows path', 'C:\\load\\tsung.xml.zip', 'USER_DATA_PATH', 'name of a file'],
  ['JSON', '{ "lifetime": "2h" }', 'USER_DATA_JSON', 'JSON'],
  ['an empty JSON list', '[]', 'USER_DATA_JSON', 'JSON'],
  ['settings without their line', 'lifetime: 2h\n', 'USER_DATA_NO_ONAGER_LINE', '#onager'],
  ['settings after a comment', '# mine\nslo:\n- p95 < 1s', 'USER_DATA_NO_ONAGER_LINE', '#onager'],
  ['# onager with a blank', '# onager\nlifetime: 2h', 'USER_DATA_NO_ONAGER_LINE', '#onager'],
  ['#Onager', '#Onager\n', 'USER_DATA_NO_ONAGER_LINE', '#onager'],
  ['UTF-16 XML', Buffer.from(`\uFEFF${xml}`, 'utf16le'), 'USER_DATA_UTF16', 'UTF-16'],
  ['UTF-16 without its mark', Buffer.from(xml, 'utf16le'), 'USER_DATA_UTF16', 'UTF-16'],
  ['UTF-16 settings', Buffer.from(settings, 'utf16le'), 'USER_DATA_UTF16', 'PowerShell'],
  ['big-endian UTF-16', Buffer.from('\xfe\xff\0#', 'latin1'), 'USER_DATA_UTF16', 'UTF-16'],
  ['Latin-1 settings', Buffer.from('#onager\n# \xe9', 'latin1'), 'USER_DATA_NOT_UTF8', 'UTF-8'],
  [
    'base64 that is cut',
    base64(zip()).subarray(0, 101),
    'USER_DATA_ENCODING',
    'cut off or changed',
  ],
  [
    'base64 for URLs',
    Buffer.concat([zip(), Buffer.from([0xfb, 0xff])]).toString('base64url'),
    'USER_DATA_ENCODING',
    'for URLs',
  ],
  ['base64 in base64', base64(base64(xml)), 'USER_DATA_ENCODED_TWICE', 'base64 within base64'],
  ['gzip in gzip', gzipSync(gzipSync(xml)), 'USER_DATA_ENCODED_TWICE', 'gzip within gzip'],
  [
    'base64 in gzip in base64',
    base64(gzipSync(base64(zip()))),
    'USER_DATA_ENCODED_TWICE',
    'base64 within base64',
  ],
  ['gzip data that are cut', gzipSync(xml).subarray(0, 40), 'USER_DATA_GZIP', 'unexpected end'],
  ['a gzip bomb', gzipSync(Buffer.alloc(65 * 1_024 ** 2)), 'USER_DATA_TOO_LARGE', '64 MiB'],
  [
    'MIME without a boundary',
    'MIME-Version: 1.0\nContent-Type: multipart/mixed\n\nx',
    'USER_DATA_MIME',
    'boundary',
  ],
  ['MIME that is cut', mime([zipPart()]).subarray(0, 300), 'USER_DATA_MIME', 'last boundary'],
  ['broken base64 in MIME', mime([part('base64', 'UEsDB')]), 'USER_DATA_MIME', 'base64 of part 1'],
  ['an unknown encoding in MIME', mime([part('x-uuencode', 'x')]), 'USER_DATA_MIME', 'Encoding'],
  [
    'a megabyte of header',
    `MIME-Version: 1.0\nX: ${'x'.repeat(1e6)}\n\n`,
    'USER_DATA_MIME',
    'header',
  ],
  ['two zips in MIME', mime([zipPart(), zipPart()]), 'USER_DATA_MIME_SEVERAL', '2 parts'],
  [
    'two sets of settings in MIME',
    mime([settingsPart(), cloudConfigPart, settingsPart()]),
    'USER_DATA_MIME_SEVERAL',
    'text/x-onager',
  ],
  ['no zip in a zip part', mime([part('7bit', xml)]), 'USER_DATA_MIME_ZIP', '<?xml'],
  [
    'base64 without saying so',
    mime([part('7bit', zip().toString('base64'))]),
    'USER_DATA_MIME_ZIP',
    'UEsDB',
  ],
  [
    'no zip in a part that has the name of one',
    mime([{ headers: ['Content-Disposition: attachment; filename="a.zip"'], body: 'PK' }]),
    'USER_DATA_MIME_ZIP',
    'text/plain ("a.zip") starts with "PK"',
  ],
  [
    'base64 in MIME that is not said to be so',
    mime([{ headers: ['Content-Type: application/octet-stream'], body: base64(zip()).toString() }]),
    'USER_DATA_MIME_ZIP',
    'starts with "UEsD',
  ],
  [
    'a zip of another type in MIME that is cut',
    mime([part('base64', base64(zip()).toString(), 'application/octet-stream')]).subarray(0, 250),
    'USER_DATA_MIME',
    'last boundary',
  ],
  [
    'settings in MIME without their first line',
    mime([part('7bit', 'lifetime: 2h', 'application/yaml')]),
    'USER_DATA_NO_ONAGER_LINE',
    '#onager',
  ],
  [
    'a zip and XML in MIME',
    mime([zipPart(), part('7bit', xml, 'text/xml')]),
    'USER_DATA_MIME_SEVERAL',
    '2 parts with a scenario',
  ],
  ['an empty zip in MIME', mime([zipPart(emptyZip)]), 'USER_DATA_ZIP_EMPTY', 'no files'],
  ['Latin-1 settings in MIME', mime([settingsPart('# \xe9')]), 'USER_DATA_NOT_UTF8', 'UTF-8'],
  ['some text', 'hello world', 'USER_DATA_UNKNOWN', '"hello world"'],
  ['a word that could be base64', 'tsungxml', 'USER_DATA_UNKNOWN', '"tsungxml"'],
  [
    'a PNG',
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    'USER_DATA_UNKNOWN',
    '\\x89PNG\\x0d\\x0a\\x1a\\x0a',
  ],
  ['long text', `word ${'x'.repeat(99)} word`, 'USER_DATA_UNKNOWN', '"word xxxxxxxxxxxxxxxxxxx…"'],
  [
    'a terminal escape',
    '\x1b]0;owned\x07"\\',
    'USER_DATA_UNKNOWN',
    '"\\x1b]0;owned\\x07\\x22\\x5c"',
  ],
];

function errorOf(bytes: Buffer): unknown {
  try {
    return readUserData(bytes);
  } catch (error) {
    return error;
  }
}

// Generated and hostile input takes a while where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

describe('readUserData', () => {
  it.each(mistakes)('says what is wrong with %s', (_, bytes, code, words) => {
    const error = errorOf(Buffer.from(bytes));
    expect(error).toBeInstanceOf(OnagerError);
    expect(error).toMatchObject({ code });
    if (error instanceof OnagerError) expect(`${error.message}; ${error.hint}`).toContain(words);
  });

  it('has a hint for every mistake, and no two codes with the same sentence', () => {
    const codeOf = new Map<string, string>();
    for (const [, bytes, code] of mistakes) {
      const error = errorOf(Buffer.from(bytes));
      if (!(error instanceof OnagerError)) throw error;
      expect(error.hint).not.toBe('');
      expect(error.message).toMatch(/^(?:[a-z]|a )/);
      expect(codeOf.get(error.message) ?? code).toBe(code);
      codeOf.set(error.message, code);
    }
  });

  it('answers every cut of every form and mistake with a form or a coded error', () => {
    const whole = [...mistakes.map(([, bytes]) => Buffer.from(bytes)), zip(), Buffer.from(xml)];
    for (const bytes of whole.filter(({ length }) => length < 3_000)) {
      for (let length = 0; length < bytes.length; length += 1)
        expectSafe(bytes.subarray(0, length));
    }
  });

  it('never throws anything but an OnagerError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => expectSafe(Buffer.from(bytes))),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) =>
        expectSafe(Buffer.from(text)),
      ),
    );
  });

  it('never throws anything but an OnagerError for changed bytes', () => {
    const whole = [
      ...mistakes.map(([, bytes]) => Buffer.from(bytes)),
      mime([zipPart(), settingsPart()]),
    ];
    const small = fc.constantFrom(...whole.filter(({ length }) => length < 3_000));
    const change = fc.tuple(fc.nat(3_000), fc.nat(255));
    fc.assert(
      fc.property(small, fc.array(change, { minLength: 1, maxLength: 8 }), (bytes, changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes)
          if (changed.length > 0) changed[at % changed.length] = value;
        expectSafe(changed);
      }),
      { numRuns: 500 },
    );
  });
});

function expectSafe(bytes: Buffer): void {
  const answer = errorOf(bytes);
  if (answer instanceof Error) expect(answer).toBeInstanceOf(OnagerError);
}

it('tells who gives a test for another engine what can be given, not what is installed here', () => {
  const read = () => readUserData(Buffer.from("import http from 'k6/http';\n"));
  expect(read).toThrow(
    expect.objectContaining({
      hint: 'Onager has no engine for it: give a tsung.xml, or a zip with one',
    }),
  );
});
