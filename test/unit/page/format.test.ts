/** Numbers as people read them. */

import { describe, expect, it } from 'vitest';
import * as format from '../../../src/page/format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('durations of requests', () => {
  it.each([
    [0, '0 ms'],
    [0.0421, '42.1 µs'],
    [4.2, '4.2 ms'],
    [41.64, '41.6 ms'],
    [412.4, '412 ms'],
    [999.6, '1,000 ms'],
    [1_234, '1.23 s'],
    [59_960, '60 s'],
    [125_000, '2 min 5 s'],
    [null, '–'],
    [undefined, '–'],
  ])('%d ms is %s', (ms, text) => expect(plain(format.latency(ms))).toBe(text));
});

describe('shares', () => {
  it.each([
    [0, '0 %'],
    [0.000_001, '< 0.01 %'],
    [0.0031, '0.31 %'],
    [0.0123, '1.23 %'],
    [0.5, '50 %'],
    [0.999_999, '99.99 %'],
    [1, '100 %'],
    [Number.NaN, '–'],
  ])('%d is %s: what is small is not nothing, and nearly all is not all', (value, text) =>
    expect(plain(format.share(value))).toBe(text),
  );
});

describe('changes', () => {
  it.each([
    [100, 118, '+18 %'],
    [100, 94.8, '−5.2 %'],
    [5, 5, '±0'],
    [0, 0, '±0'],
    [100_000, 100_001, '±0'],
    [0, 3, 'new'],
    [1, 5_000, '+499,900 %'],
    [undefined, 3, '–'],
  ])('%d to %d is %s', (before, now, text) => expect(plain(format.change(before, now))).toBe(text));
});

describe('spans', () => {
  it.each([
    [-5, '0.0 s'],
    [340, '0.3 s'],
    [42_000, '42 s'],
    [60_000, '1 min'],
    [3_780_000, '1 h 3 min'],
    [180_000_000, '2 d 2 h'],
  ])('%d ms are %s', (ms, text) => expect(plain(format.span(ms))).toBe(text));
});

it.each([
  [0, '0:00'],
  [62_400, '1:02'],
  [3_789_000, '1:03:09'],
])('%d ms on the clock are %s', (ms, text) => expect(format.elapsed(ms)).toBe(text));

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [4_120_331, '4.12 MB'],
  [2e15, '2,000 TB'],
])('%d bytes are %s', (value, text) => expect(plain(format.bytes(value))).toBe(text));

it.each([
  [25, '25.0'],
  [8.6612, '8.66'],
  [1_015.4, '1,015'],
])('keeps the zeros of %d in a column: %s', (value, text) =>
  expect(format.figure(value)).toBe(text),
);
