/** Names that arrive as bytes, as text that no terminal obeys. */

import { escapeUnseen } from '../../../text.ts';

/** The rest of a longer name is ignored. */
export const maxNameBytes = 256;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Erlang writes names in Latin-1; URLs come from the scenario as they are, mostly in UTF-8. */
function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** Control characters are shown as escapes. */
export function printable(bytes: Uint8Array): string {
  return escapeUnseen(decoded(bytes));
}
