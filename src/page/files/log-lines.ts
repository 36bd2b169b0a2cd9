/** Log lines as people read them: JSON lines become time, level, message, fields. */

import { escapeUnseen } from '../../text.ts';
import { clock } from '../format.ts';

/** The last `max` lines. */
export function logLines(text: string, max: number): string {
  const lines = text.trimEnd().split('\n').slice(-max);
  return lines.map(readable).map(shown).join('\n');
}

function shown(line: string): string {
  return escapeUnseen(line.replaceAll('\t', '    ').replace(/\r$/, ''), 2_000);
}

function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  const entry = parsed(line);
  if (entry === undefined) return line;
  const { time, level, msg, ...fields } = entry;
  const at =
    typeof time === 'string' || typeof time === 'number' ? clock(new Date(time).getTime()) : '';
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${valueText(value)}`);
  return [at, valueText(level).padEnd(5), valueText(msg), ...rest].join(' ').trim();
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return escapeUnseen(text, 400);
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
