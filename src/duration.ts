/** Durations as people write them: `90s`, `5m`, `1h30m`, `2d`. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const part = (unit: string): string => `(?:(\\d+(?:\\.\\d+)?)\\s*${unit}\\s*)?`;
const durationPattern = new RegExp(`^(?=\\d)${['d', 'h', 'm', 's', 'ms'].map(part).join('')}$`);

/** Milliseconds, or undefined where the text is not a duration. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const match = text.length > 40 ? null : durationPattern.exec(text);
  if (match === null) return undefined;
  const units = [day, hour, minute, second, 1];
  return units.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * unit, 0);
}
