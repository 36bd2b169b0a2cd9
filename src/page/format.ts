/** Numbers, durations, sizes and times as people read them. */

import { counted, formatInteger } from '../text.ts';

const nbsp = '\u00a0';
const none = '–';

export type Figure = number | null | undefined;
export type Format = (value: Figure) => string;

/** A whole number in groups of three digits. */
export function count(value: Figure): string {
  return value == null ? none : formatInteger(Math.round(value));
}

/** Three significant digits, for numbers whose size matters more than their exact value. */
function short(value: Figure): string {
  if (value == null) return none;
  const size = Math.abs(value);
  if (size >= 1e6) return `${three(value / 1e6)}M`;
  if (size >= 1e5) return `${three(value / 1e3)}k`;
  return three(value);
}

export function rate(value: Figure, unit = '/s'): string {
  return value == null ? none : `${short(value)}${unit}`;
}

/**
 * A duration given in milliseconds, with the unit that fits: `4.2 ms`, `412 ms`, `1.23 s`, `2 min 5
 * s`.
 */
export function latency(ms: Figure): string {
  if (ms == null) return none;
  if (ms < 1) return ms === 0 ? `0${nbsp}ms` : `${three(ms * 1000)}${nbsp}µs`;
  if (ms < 1000) return `${three(ms)}${nbsp}ms`;
  if (ms < 60_000) return `${three(ms / 1000)}${nbsp}s`;
  return span(ms);
}

/** A duration in milliseconds as a plain number, for a column whose head says `ms`. */
export function milliseconds(ms: Figure): string {
  return ms == null ? none : figure(ms);
}

/** How long something took or takes: `0.3 s`, `42 s`, `2 min 5 s`, `1 h 3 min`. */
export function span(ms: number): string {
  if (ms < 950) return `${Math.max(0, ms / 1000).toFixed(1)}${nbsp}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}${nbsp}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return parts(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return parts(hours, 'h', minutes % 60, 'min');
  return parts(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** Time since the start as a clock shows it: `0:42`, `12:05`, `1:03:09`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const pad = (value: number): string => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** A share of 1; a very small one differs from zero. */
export function share(value: Figure): string {
  if (value == null || Number.isNaN(value)) return none;
  const percent = value * 100;
  if (percent === 0) return `0${nbsp}%`;
  if (percent < 0.01) return `<${nbsp}0.01${nbsp}%`;
  if (percent > 99.99 && percent < 100) return `99.99${nbsp}%`;
  return `${percent < 1 ? trimmed(percent.toFixed(2)) : three(percent)}${nbsp}%`;
}

/** A share as a plain number, for a column whose head says `%`. */
export function sharePercent(value: Figure): string {
  return share(value).replace(`${nbsp}%`, '');
}

export function percent(value: Figure): string {
  return value == null
    ? none
    : `${value < 10 ? trimmed(value.toFixed(1)) : Math.round(value)}${nbsp}%`;
}

export function bytes(value: Figure): string {
  if (value == null) return none;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${three(value / 1000 ** power)}${nbsp}${units[power]}`;
}

export function byteRate(value: Figure): string {
  return value == null ? none : `${bytes(value)}/s`;
}

/** How much `now` is above or below `before`: `+18 %`. */
export function change(before: Figure, now: Figure): string {
  if (before == null || now == null) return none;
  if (before === 0) return now === 0 ? '±0' : 'new';
  const percent = (now / before - 1) * 100;
  const size = Math.abs(percent);
  if (size < 0.05) return '±0';
  const figure = size < 9.95 ? trimmed(size.toFixed(1)) : formatInteger(Math.round(size));
  return `${percent < 0 ? '−' : '+'}${figure}${nbsp}%`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return counted(value, one, many).replace(' ', nbsp);
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const offsetFormat = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'longOffset' });

/** Time of day in the viewer's zone. */
export function clock(ms: number): string {
  return Number.isFinite(ms) ? clockFormat.format(ms) : none;
}

/** Day and time in the viewer's zone. */
export function day(ms: number): string {
  return Number.isFinite(ms) ? dayFormat.format(ms) : none;
}

/** The viewer's zone, and how far it is from UTC at that time: `Europe/Madrid, UTC+02:00`. */
export function zoneAt(ms: number): string {
  const { timeZone } = offsetFormat.resolvedOptions();
  const part = offsetFormat.formatToParts(Number.isFinite(ms) ? ms : 0);
  const offset = part.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', 'UTC');
  return offset === undefined || timeZone === 'UTC' ? 'UTC' : `${timeZone}, ${offset}`;
}

export function utc(ms: number): string {
  if (!Number.isFinite(ms)) return none;
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Three digits with trailing zeros, so that the figures of a column align. */
export function figure(value: Figure): string {
  if (value == null) return none;
  const size = Math.abs(value);
  if (size >= 99.95) return formatInteger(Math.round(value));
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

/** Three significant digits, never an exponent. */
function three(value: number): string {
  return trimmed(figure(value));
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.0{1,20}$|0{1,20}$/, '') : text;
}

function parts(big: number, bigUnit: string, small: number, smallUnit: string): string {
  const head = `${big}${nbsp}${bigUnit}`;
  return small === 0 ? head : `${head} ${small}${nbsp}${smallUnit}`;
}
