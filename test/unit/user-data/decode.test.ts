/** The forms that user-data can have, each with and without the layers that tools add. */

import { isUtf8 } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readUserData } from '../../../src/user-data/decode.ts';
import { base64, xml, zip } from './samples.ts';

describe('readUserData', () => {
  it('takes a whole zip for one even where all its bytes happen to be UTF-8', () => {
    const candidates = Array.from({ length: 500 }, (_, n) => zip(`\uFFFD${n}`, { stored: true }));
    const textual = candidates.find((bytes) => isUtf8(bytes));
    expect(textual).toBeDefined();
    expect(readUserData(textual)).toMatchObject({ form: 'zip' });
  });

  it.each([
    ['nothing', undefined, 'without user-data'],
    ['no bytes', Buffer.alloc(0), 'empty'],
    ['blanks', Buffer.from(' \r\n\t\n'), 'empty'],
    ['blanks beyond 4 KB', Buffer.alloc(10_000, ' '), 'empty'],
    ['a byte order mark', Buffer.from('\uFEFF'), 'empty'],
    ['a shell script', Buffer.from('#!/bin/sh\n'), '(#!)'],
    ['cloud-config', Buffer.from('#cloud-config\nusers: []\n'), '(#cloud-config)'],
    ['cloud-config after blanks', Buffer.from('\n  #Cloud-Config\n'), '(#Cloud-Config)'],
    ['an archive of them', Buffer.from('#cloud-config-archive\n'), '(#cloud-config-archive)'],
    ['an include', Buffer.from('#include\nhttps://h.test/x\n'), '(#include)'],
    ['a boothook', Buffer.from('#cloud-boothook\n'), '(#cloud-boothook)'],
    ['a part handler', Buffer.from('#part-handler\n'), '(#part-handler)'],
    ['a template', Buffer.from('## template: jinja\n#cloud-config\n'), '(## template: jinja)'],
  ])('leaves the instance idle for %s', (_, bytes, why) => {
    expect(readUserData(bytes)).toEqual({
      kind: 'idle',
      why: expect.stringContaining(why),
      layers: [],
    });
  });

  it('leaves the instance idle for a gzipped shell script', () => {
    const read = readUserData(gzipSync('#!/bin/sh\n'));
    expect(read).toMatchObject({ kind: 'idle', layers: ['gzip'] });
  });

  it.each([
    ['as it is', (content: Buffer) => content, []],
    ['in base64', base64, ['base64']],
    [
      'in base64 with line breaks',
      (content: Buffer) => Buffer.from(`${base64(content)}\n`.replace(/.{60}/g, '$&\r\n')),
      ['base64'],
    ],
    ['gzipped', (content: Buffer) => gzipSync(content), ['gzip']],
    ['gzipped, then base64', (content: Buffer) => base64(gzipSync(content)), ['base64', 'gzip']],
    ['base64, then gzipped', (content: Buffer) => gzipSync(base64(content)), ['gzip', 'base64']],
  ])('reads a zip, XML and settings %s', (_, wrap, layers) => {
    const archive = zip();
    const settings = '#onager\nlifetime: 2h # é\n';
    expect(readUserData(wrap(archive))).toEqual({
      kind: 'scenario',
      form: 'zip',
      scenario: archive,
      layers,
    });
    expect(readUserData(wrap(Buffer.from(xml)))).toEqual({
      kind: 'scenario',
      form: 'xml',
      scenario: Buffer.from(xml),
      layers,
    });
    expect(readUserData(wrap(Buffer.from(settings)))).toEqual({
      kind: 'settings',
      settingsText: settings,
      layers,
    });
  });

  it.each([
    ['a DOCTYPE', '<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">\n<tsung/>'],
    ['the root element', '<tsung loglevel="notice">\n</tsung>'],
    ['a comment', '<!-- by recorder -->\n<!-- 2 -->\n<tsung/>'],
    ['CRLF line ends', '<?xml version="1.0"?>\r\n<tsung/>\r\n'],
    ['a declared Latin-1', '<?xml version="1.0" encoding="ISO-8859-1"?><tsung/>'],
  ])('takes XML that starts with %s', (_, text) => {
    expect(readUserData(Buffer.from(text))).toMatchObject({ form: 'xml' });
  });

  it('takes XML in Latin-1 that says so', () => {
    const bytes = Buffer.from(
      '<?xml version="1.0" encoding="iso-8859-1"?><tsung a="\xe9"/>',
      'latin1',
    );
    expect(readUserData(bytes)).toMatchObject({ form: 'xml', scenario: bytes });
  });

  it.each(['\uFEFF', '\n\n', '\uFEFF\r\n '])('hands XML on without %j before it', (before) => {
    expect(readUserData(Buffer.from(before + xml))).toMatchObject({ scenario: Buffer.from(xml) });
  });

  it.each([
    '#onager',
    '#onager\r\nlifetime: 2h\r\n',
    '\uFEFF#onager \nlifetime: 2h',
    '\n\n  #onager\n  lifetime: 2h',
  ])('takes settings that start as %j', (text) => {
    expect(readUserData(Buffer.from(text))).toMatchObject({ kind: 'settings' });
  });

  it('keeps the lines of settings where they are', () => {
    expect(readUserData(Buffer.from('\uFEFF\n#onager\nlifetime: 2h'))).toMatchObject({
      settingsText: '\n#onager\nlifetime: 2h',
    });
  });
});
