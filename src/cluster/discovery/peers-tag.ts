/** The addresses of members in the tag `onager:cluster.peers`, also of one that comes later. */

import type { Imds } from '../../aws/imds.ts';
import { addresses } from '../../settings/values.ts';
import { quote } from '../../text.ts';

const path = 'meta-data/tags/instance/onager:cluster.peers';

/** @throws Error it is not a list of addresses */
export async function readPeersTag(
  imds: Pick<Imds, 'peek'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const text = await answer(imds, signal);
  if (text === '') return [];
  const read = addresses(text);
  if ('value' in read) return read.value;
  throw new Error(`${quote(text)} ${read.is}; ${read.hint}`);
}

/** Empty where there is no such tag, or the metadata service does not answer now. */
async function answer(imds: Pick<Imds, 'peek'>, signal: AbortSignal): Promise<string> {
  try {
    return ((await imds.peek(path, signal)) ?? '').trim();
  } catch {
    return '';
  }
}
