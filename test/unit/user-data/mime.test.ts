/**
 * MIME messages: which parts are ours, how they are decoded, and that hostile ones are answered at
 * once.
 */

import { describe, expect, it, vi } from 'vitest';
import { OnagerError } from '../../../src/errors.ts';
import { readUserData } from '../../../src/user-data/decode.ts';
import { base64, cloudConfigPart, mime, settingsPart, xml, zip, zipPart } from './samples.ts';

// Generated and hostile input takes a while where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

describe('a MIME message', () => {
  it.each([{ lineEnd: '\r\n' }, { lineEnd: '\n' }, { boundary: '==(a)+b.c*?==' }])(
    'gives its zip and its settings (%o)',
    (how) => {
      const bytes = mime([cloudConfigPart, zipPart(), settingsPart('lifetime: 2h')], how);
      expect(readUserData(bytes)).toEqual({
        kind: 'scenario',
        form: 'zip',
        scenario: zip(),
        settingsText: 'lifetime: 2h',
        layers: [],
      });
    },
  );

  it('gives a zip alone and settings alone', () => {
    expect(readUserData(mime([zipPart()]))).not.toHaveProperty('settingsText');
    expect(readUserData(mime([settingsPart()]))).toMatchObject({ kind: 'settings' });
  });

  it('is read through a layer of base64', () => {
    expect(readUserData(base64(mime([zipPart()])))).toMatchObject({
      scenario: zip(),
      layers: ['base64'],
    });
  });

  it.each(['binary', '8bit'])('keeps every byte of a zip sent as %s', (encoding) => {
    const headers = ['Content-Type: Application/ZIP', `content-transfer-encoding: ${encoding}`];
    const bytes = mime([{ headers, body: zip().toString('latin1') }]);
    expect(readUserData(bytes)).toMatchObject({ scenario: zip() });
  });

  it('reads quoted-printable settings', () => {
    const headers = [
      'Content-Type: text/x-onager; charset="utf-8"',
      'Content-Transfer-Encoding: quoted-printable',
    ];
    const bytes = mime([{ headers, body: 'vars: { CITY: "Z=C3=BCri=\r\nch" }' }]);
    expect(readUserData(bytes)).toMatchObject({ settingsText: 'vars: { CITY: "Zürich" }' });
  });

  it('can be a single part', () => {
    const bytes = Buffer.from('MIME-Version: 1.0\nContent-Type: text/x-onager\n\nlifetime: 2h\n');
    expect(readUserData(bytes)).toMatchObject({ settingsText: 'lifetime: 2h\n' });
  });

  it('can have a folded header, a preamble, and other headers first', () => {
    const bytes = Buffer.from(
      'From: me\nMIME-Version: 1.0\nContent-Type: multipart/mixed;\n\tboundary=b\n\nno part\n--b \nContent-Type: text/x-onager\n\nlifetime: 2h\n--b--\nno part either',
    );
    expect(readUserData(bytes)).toMatchObject({ settingsText: 'lifetime: 2h' });
  });

  it('can hold a message in a message', () => {
    const inner = mime([zipPart()], { boundary: 'inner' }).toString('latin1');
    const split = inner.indexOf('\r\n\r\n');
    const body = inner.slice(split + 4);
    const bytes = mime([{ headers: inner.slice(0, split).split('\r\n'), body }, settingsPart()]);
    expect(readUserData(bytes)).toMatchObject({ scenario: zip(), settingsText: 'lifetime: 2h' });
  });

  it('without a part for Onager is left to cloud-init, whole or not', () => {
    const bytes = mime([
      cloudConfigPart,
      { headers: ['Content-Type: text/xml'], body: '<settings/>' },
    ]);
    expect(readUserData(bytes)).toMatchObject({
      kind: 'idle',
      why: expect.stringContaining('text/cloud-config, text/xml'),
    });
    expect(readUserData(bytes.subarray(0, -20))).toMatchObject({ kind: 'idle' });
  });

  const attached = (type: string, body: string, name?: string) => ({
    headers: [
      `Content-Type: ${type}`,
      'Content-Transfer-Encoding: base64',
      ...(name === undefined ? [] : [`Content-Disposition: attachment; filename="${name}"`]),
    ],
    body: Buffer.from(body, 'latin1').toString('base64'),
  });

  it.each([
    'application/x-zip-compressed',
    'application/x-zip',
    'application/octet-stream',
    'text/plain',
    'multipart-x/none',
  ])('takes a zip from a part of type %s', (type) => {
    const bytes = mime([cloudConfigPart, attached(type, zip().toString('latin1'), 'a.zip')]);
    expect(readUserData(bytes)).toMatchObject({ kind: 'scenario', form: 'zip', scenario: zip() });
  });

  it.each(['text/xml', 'application/xml', 'text/plain', 'application/octet-stream'])(
    'takes the XML of a scenario from a part of type %s',
    (type) => {
      const bytes = mime([attached(type, `\n${xml}`, 'tsung.xml'), settingsPart()]);
      expect(readUserData(bytes)).toMatchObject({
        kind: 'scenario',
        form: 'xml',
        scenario: Buffer.from(xml),
        settingsText: 'lifetime: 2h',
      });
    },
  );

  it.each([
    ['application/yaml', '#onager\nlifetime: 2h', undefined],
    ['text/plain', '#onager\nlifetime: 2h', 'settings.txt'],
    ['application/yaml', 'lifetime: 2h', 'onager.yaml'],
  ])('takes settings from a part of type %s', (type, text, name) => {
    const bytes = mime([attached(type, text, name), zipPart()]);
    expect(readUserData(bytes)).toMatchObject({ scenario: zip(), settingsText: text });
  });

  it.each([
    ['of a mailbox file', 'From me@host Fri Jan  2 03:04:05 2026\n'],
    ['of a quoted mailbox file', '>From me@host Fri Jan  2 03:04:05 2026\r\n'],
  ])('can start with the line %s', (_, line) => {
    const bytes = Buffer.concat([Buffer.from(line), mime([zipPart()])]);
    expect(readUserData(bytes)).toMatchObject({ kind: 'scenario', scenario: zip() });
  });

  it.each([
    ['text/x-shellscript', '#!/bin/sh\n'],
    ['text/cloud-config', '#cloud-config\nscenario: x\n'],
    ['text/plain', '#!/bin/sh\n# tsung.xml\n'],
    ['application/yaml', 'packages: [jq]\n'],
    ['application/xml', '<settings/>'],
    ['text/plain', '<?xml version="1.0"?>\n<!-- tsung -->\n<beans/>'],
    ['application/xml', '<?xml version="1.0"?><settings><tsung/></settings>'],
    ['application/yaml', '#cloud-config\nreport: { access: public }\n'],
    ['text/yaml', '#cloud-config\nvars: {}\n'],
    ['application/octet-stream', '\x00\x01'],
  ])('leaves a part of type %s to others', (type, body) => {
    expect(readUserData(mime([attached(type, body)]))).toMatchObject({ kind: 'idle' });
  });

  it('finds the scenario among other XML parts', () => {
    const beans = attached('application/xml', '<?xml version="1.0"?>\n<beans/>', 'beans.xml');
    expect(readUserData(mime([beans, zipPart()]))).toMatchObject({ scenario: zip() });
  });

  it.each([
    ['<?xml version="1.0"?><jmeterTestPlan/>', 'USER_DATA_OTHER_ENGINE'],
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'USER_DATA_S3_ERROR'],
  ])('says of %s that it is no scenario', (text, code) => {
    expect(() => readUserData(mime([attached('text/xml', text)]))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('with a message in it that does not end is broken', () => {
    const headers = ['Content-Type: multipart/mixed; boundary=inner'];
    const body = '--inner\r\nContent-Type: text/x-onager\r\n\r\nlifetime: 2h';
    expect(() => readUserData(mime([{ headers, body }]))).toThrow(
      expect.objectContaining({ code: 'USER_DATA_MIME' }),
    );
  });

  it('says in which part the trouble is', () => {
    const bytes = mime([
      cloudConfigPart,
      { headers: ['Content-Type: application/zip'], body: 'x' },
    ]);
    expect(() => readUserData(bytes)).toThrow(
      expect.objectContaining({ where: 'user-data, part 2' }),
    );
  });

  const nested = (depth: number): string =>
    depth === 0
      ? 'Content-Type: text/x-onager\n\nx'
      : `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${nested(depth - 1)}\n--b${depth}--\n`;

  it.each([
    ['nested a thousand deep', `MIME-Version: 1.0\n${nested(1_000)}`],
    [
      'of a hundred thousand parts',
      `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\n'.repeat(1e5)}`,
    ],
    [
      'of a million boundaries',
      `Content-Type: multipart/mixed; boundary=b\n\n${'--b-\n'.repeat(7e5)}`,
    ],
    ['of megabytes of blanks', `MIME-Version: 1.0\n\n${' '.repeat(4e6)}`],
    [
      'with blanks in its encoding',
      `MIME-Version: 1.0\nContent-Type: text/x-onager\nContent-Transfer-Encoding: quoted-printable\n\n${'= '.repeat(1e6)}`,
    ],
    ['of blank headers', `MIME-Version: 1.0\n${' \n'.repeat(1e6)}`],
    ['larger than any', `MIME-Version: 1.0\n\n${'x'.repeat(5e6)}`],
  ])('%s is answered in little time', (_, text) => {
    const used = process.threadCpuUsage();
    try {
      readUserData(Buffer.from(text));
    } catch (error) {
      expect(error).toBeInstanceOf(OnagerError);
    }
    expect(process.threadCpuUsage(used).user).toBeLessThan(2_000_000);
  });
});
