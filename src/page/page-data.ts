/** The data the page starts with: embedded in the file, or a mark that it is live. */

import type { Summary } from '../report/summary.ts';
import type { RunState } from '../run/state.ts';
import { gunzip } from './gunzip.ts';

/** `source`: its path in the run folder, where it is known. */
export type FileEntry = Readonly<{ key: string; bytes: number; source?: string }>;
export type LogText = Readonly<{ name: string; text: string }>;

/** `files` and `logs`: a report may contain them; a live page asks for them. */
export type PageData = Readonly<{
  run: RunState;
  summary?: Summary | undefined;
  files?: readonly FileEntry[];
  logs?: readonly LogText[];
}>;

/** `gzip`: PageData as base64 of gzipped JSON, for reports that would be large. */
type Embedded = Readonly<{ live: true }> | Readonly<{ gzip: string }> | PageData;

/** The embedded data, or undefined if the page is live. */
export function readEmbedded(text: string): PageData | undefined {
  const embedded: Embedded = JSON.parse(text);
  if ('live' in embedded) return undefined;
  if (!('gzip' in embedded)) return embedded;
  const zipped = Uint8Array.from(atob(embedded.gzip), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(gunzip(zipped)));
}
