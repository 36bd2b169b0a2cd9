/** Secrets never leak through displayed settings, problems or logs. */

import { describe, expect, it } from 'vitest';
import { isSecretName, redactText, redactUrl, redactValues } from '../../src/redact.ts';
import { mergeSettings } from '../../src/settings/merge.ts';

describe('redactUrl', () => {
  it.each([
    ['https://h.test/a/b.zip', 'https://h.test/a/b.zip'],
    ['https://h.test/a?X-Amz-Signature=1&b=2#f', 'https://h.test/a?[redacted]'],
    ['https://h.test/a#token', 'https://h.test/a#[redacted]'],
    ['https://h.test/a?', 'https://h.test/a?'],
    ['https://me:pa@ss@h.test/a', 'https://[redacted]@h.test/a'],
    ['postgres://me:pw@db:5432/x', 'postgres://[redacted]@db:5432/x'],
    ['s3://bucket/a@b', 's3://bucket/a@b'],
    ['https://h.test/a?x=\ny', 'https://h.test/a?[redacted]'],
  ])('shows %j as %j', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

function named(name: string): string {
  return `\${${name}}`;
}

describe('redactValues', () => {
  it.each([
    ['url "/?k=s3cr3t" is wrong', { API_KEY: 's3cr3t' }, `url "/?k=${named('API_KEY')}" is wrong`],
    ['host "shop.test" is wrong', { HOST: 'shop.test' }, 'host "shop.test" is wrong'],
    [
      'abc and abcd',
      { A_TOKEN: 'abc', B_TOKEN: 'abcd' },
      `${named('A_TOKEN')} and ${named('B_TOKEN')}`,
    ],
    ['a1', { PASSWORD: '1' }, 'a1'],
    ['a $& b', { PASSWORD: '$&x', TOKEN: 'a $&' }, `${named('TOKEN')} b`],
  ])('shows %j as its names say', (text, vars, shown) => {
    expect(redactValues(text, vars)).toBe(shown);
  });
});

describe('redactText', () => {
  it('redacts every URL in a sentence and nothing else', () => {
    const text = 'from "https://a.test/x?k=1" to <http://u:p@b.test> at 3:30';
    expect(redactText(text)).toBe(
      'from "https://a.test/x?[redacted]" to <http://[redacted]@b.test> at 3:30',
    );
  });

  it('takes long text in its stride', () => {
    const used = process.threadCpuUsage();
    redactText(`${'a'.repeat(1e6)} ${'https://'.repeat(1e5)} ${'@'.repeat(1e5)}`);
    expect(process.threadCpuUsage(used).user).toBeLessThan(2_000_000);
  });
});

describe('isSecretName', () => {
  it.each([
    'DB_PASSWORD',
    'apiKey',
    'AUTH',
    'github_token',
    'CLIENT_SECRET',
    'PASSPHRASE',
    'SESSION_ID',
  ])('suspects %s', (name) => expect(isSecretName(name)).toBe(true));
  it.each(['TARGET_HOST', 'PORT', 'USERS'])('shows %s', (name) =>
    expect(isSecretName(name)).toBe(false),
  );
});

describe('settings that are shown, and problems', () => {
  const secret = 'hunter2hunter2hunter2';

  it('hold no secret', () => {
    const merged = mergeSettings([
      {
        source: 'user-data',
        text: `
scenario: { from: "https://u.test/x.zip?X-Amz-Signature=${secret}" }
vars: { DB_PASSWORD: ${secret}, SITE: "https://me:${secret}@h.test/" }
report: { access: ${secret} }`,
      },
    ]);
    expect(merged.problems).toEqual([]);
    expect(merged.settings.vars['DB_PASSWORD']).toBe(secret);
    expect(JSON.stringify(merged.shown)).not.toContain('hunter2');
    expect(merged.shown).toContainEqual({
      key: 'report.access',
      value: '[redacted]',
      source: 'user-data',
    });
    expect(merged.shown).toContainEqual({
      key: 'scenario.from',
      value: 'https://u.test/x.zip?[redacted]',
      source: 'user-data',
    });
  });

  it.each([
    `report: { access: "hunter2 ${'x'.repeat(20)}" }`,
    'report: { access: hunter2 }',
    'report: { access: hunter2',
    'report: { access: hunter2 }\nreport: { access: hunter2 }',
    'scenario: { from: "http://h.test/x?k=hunter2" }',
    'publish: { to: s3://bucket, endpoint: "https://h.test/?k=hunter2" }',
    'vars: { a-b: hunter2 }',
    'vars: { A: [ hunter2 ] }',
  ])('hold none for %j either', (text) => {
    const { problems, shown } = mergeSettings([{ source: 'user-data', text }]);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify([problems, shown])).not.toContain('hunter2');
  });

  it('show who may see the page when that is no secret', () => {
    for (const access of ['public', 'instance-id']) {
      const { shown } = mergeSettings([{ source: 'x', text: `report: { access: ${access} }` }]);
      expect(shown).toContainEqual({ key: 'report.access', value: access, source: 'x' });
    }
  });
});

describe('the values of variables that are likely to be secret', () => {
  const vars = { API_KEY: 'hun "ter2"  of\nthe pack ', HOST: 'hunting.test', PIN_TOKEN: 'hu' };

  it.each([
    ['the whole', `it is ${vars.API_KEY}!`, 'it is <KEY>!'],
    ['without blanks around it', 'is "hun "ter2"  of\nthe pack", not', 'is "<KEY>", not'],
    ['on one line', 'is "hun "ter2" of the pack", not', 'is "<KEY>", not'],
    ['in quotes', `${JSON.stringify(vars.API_KEY)} is wrong`, '"<KEY>" is wrong'],
    ['cut off', '"hun \\"ter2\\" o…" is wrong … and long', '"<KEY>…" is wrong … and long'],
    ['of no secret', 'hunting.test has no hu…', 'hunting.test has no hu…'],
  ])('are not shown: %s', (_, text, shown) => {
    expect(redactValues(text, vars)).toBe(shown.replace('<KEY>', `\${API_KEY}`));
  });
});
