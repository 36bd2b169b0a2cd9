/** Reads the value of one setting from its text; each reader explains what it accepts. */

import { isIPv4 } from 'node:net';
import { durationMs } from '../duration.ts';
import type { ErrorCode } from '../errors.ts';

/** `is`: continues the sentence that starts with the key, such as `is not a duration`. */
export type BadValue = Readonly<{ code: ErrorCode; is: string; hint: string }>;
export type Read<T> = Readonly<{ value: T }> | BadValue;
export type ValueReader<T> = (text: string) => Read<T>;

/** `90s`, `5m`, `1h30m`, `2d`, or a plain `0`: milliseconds, from `minMs` to `maxMs`. */
export function duration({ min, max }: { min: string; max: string }): ValueReader<number> {
  return (text) => {
    const ms = durationMs(text);
    if (ms === undefined) return noDuration(text);
    if (ms < (durationMs(min) ?? 0) || ms > (durationMs(max) ?? 0)) {
      return outOfRange(min, max);
    }
    return { value: Math.round(ms) };
  };
}

const bytesPerUnit: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000 ** 2,
  gb: 1_000 ** 3,
  kib: 1_024,
  mib: 1_024 ** 2,
  gib: 1_024 ** 3,
};

/** `256MiB`, `1GB`: bytes. */
export function size({ min, max }: { min: string; max: string }): ValueReader<number> {
  return (text) => {
    const bytes = sizeBytes(text);
    if (bytes === undefined) {
      return {
        code: 'SETTINGS_SIZE',
        is: 'is not a size',
        hint: 'write a number and a unit, such as 500KB, 256MiB or 1GB',
      };
    }
    const tooSmall = bytes < (sizeBytes(min) ?? 0);
    return tooSmall || bytes > (sizeBytes(max) ?? 0) ? outOfRange(min, max) : { value: bytes };
  };
}

function sizeBytes(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([kmg]?i?b)$/i.exec(text);
  const unit = bytesPerUnit[match?.[2]?.toLowerCase() ?? ''];
  return unit === undefined ? undefined : Math.round(Number(match?.[1]) * unit);
}

/** A whole number in decimal digits. */
export function integer({ min, max }: { min: number; max: number }): ValueReader<number> {
  return (text) => {
    if (!/^\d{1,15}$/.test(text)) {
      return {
        code: 'SETTINGS_NUMBER',
        is: 'is not a whole number',
        hint: `write a number from ${min} to ${max}`,
      };
    }
    const value = Number(text);
    return value < min || value > max ? outOfRange(`${min}`, `${max}`) : { value };
  };
}

/** `10%` or `0.1`: above 0, and at most all. */
export const share: ValueReader<number> = (text) => {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text);
  if (match === null) {
    return {
      code: 'SETTINGS_NUMBER',
      is: 'is not a share',
      hint: 'write a percentage such as 10%, or a number such as 0.1',
    };
  }
  const value = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  return value < leastShare || value > 1 ? outOfRange('0.01%', '100%') : { value };
};

/** Less is hardly a load, and a mistake. */
const leastShare = 0.0001;

/** Whether requests are measured; `rows`: and each written down. */
export const truth: ValueReader<boolean> = (text) =>
  text === 'true' || text === 'false'
    ? { value: text === 'true' }
    : {
        code: 'SETTINGS_BOOLEAN',
        is: 'is neither true nor false',
        hint: 'write true or false',
      };

export const samples: ValueReader<boolean | 'rows'> = (text) => {
  if (text === 'true' || text === 'false') return { value: text === 'true' };
  if (text === 'rows') return { value: text };
  return {
    code: 'SETTINGS_BOOLEAN',
    is: 'is neither true, false nor rows',
    hint: 'write true, false or rows',
  };
};

/** IPv4 addresses, with commas or spaces between them. */
export const addresses: ValueReader<readonly string[]> = (text) => {
  const found = text.split(/[\s,]/).filter((part) => part !== '');
  return found.length > 0 && found.every(isIPv4)
    ? { value: [...new Set(found)] }
    : {
        code: 'SETTINGS_ADDRESSES',
        is: 'is not a list of IPv4 addresses',
        hint: 'write the private addresses of the members, such as 10.0.0.4, 10.0.0.5',
      };
};

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): ValueReader<T> {
  return (text) => {
    const value = words.find((word) => word === text);
    if (value !== undefined) return { value };
    return {
      code: 'SETTINGS_CHOICE',
      is: 'is not one of the choices',
      hint: `write one of: ${words.join(', ')}`,
    };
  };
}

/** Text in a given form. */
export function text(pattern: RegExp, wrong: BadValue): ValueReader<string> {
  return (value) => (pattern.test(value) ? { value } : wrong);
}

function noDuration(value: string): BadValue {
  const hint = 'write a number and a unit, such as 90s, 5m, 6h, 1h30m or 2d';
  return /^\d+(\.\d+)?$/.test(value)
    ? { code: 'SETTINGS_DURATION', is: 'has no unit', hint }
    : { code: 'SETTINGS_DURATION', is: 'is not a duration', hint };
}

function outOfRange(min: string, max: string): BadValue {
  return {
    code: 'SETTINGS_RANGE',
    is: 'is out of range',
    hint: `the smallest value is ${min}, the largest ${max}`,
  };
}
