/** Problems and warnings in words, as a terminal shows them. */

import type { Problem } from '../../errors.ts';

export function problemWords({ code, hint, message, where }: Problem): string {
  return `${code}: ${where === undefined ? '' : `${where}: `}${message}\n  ${hint}\n`;
}

/** Below what they are about, in a line each. */
export function warningWords({ code, hint, message, where }: Problem): string {
  return `  warning: ${code}: ${where === undefined ? '' : `${where}: `}${message} (${hint})\n`;
}
