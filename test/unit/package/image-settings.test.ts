/**
 * The package's settings file: it changes nothing, and shows every setting with its true default.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readRunConfig } from '../../../src/agent/phases/configuration.ts';
import { allKeys, defaults } from '../../../src/settings/schema.ts';

const path = join(import.meta.dirname, '../../../packaging/onager.yaml');
const text = readFileSync(path, 'utf8');
const head = text.indexOf('\n\n');
const settings = parse(text.slice(head).replaceAll(/^# ?/gm, ''));

describe('the image’s settings', () => {
  it('are all comments', () => {
    expect(parse(text)).toBeNull();
    const without = readRunConfig({ userData: undefined, tags: {} });
    const withThem = readRunConfig({
      userData: undefined,
      tags: {},
      imageSettings: { path, text },
    });
    expect(withThem).toEqual(without);
  });

  it.each(allKeys)('shows %s', (key) => {
    expect(at(settings, key)).toBeDefined();
  });

  it('shows the defaults that hold', () => {
    const hold = parse(defaults);
    for (const key of allKeys.filter((name) => name !== 'slo' && at(hold, name) !== undefined)) {
      expect([key, at(settings, key)]).toEqual([key, at(hold, key)]);
    }
  });
});

function at(value: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((part, name) => {
    if (typeof part !== 'object' || part === null) return undefined;
    return Object.entries(part).find(([own]) => own === name)?.[1];
  }, value);
}
