/** What a part of a MIME message means to Onager, by its type, its name and its bytes. */

import { OnagerError } from '../errors.ts';
import { type MimePart, placeOf } from './mime-parts.ts';
import { mistakeIn } from './mistakes.ts';
import { cloudInitStart, firstText, isScenarioXml, isSettings } from './xml-and-text.ts';
import { isZip } from './zip.ts';

type PartRole = 'zip' | 'xml' | 'settings';

/**
 * Undefined: it is not for Onager. A zip can have many types, so all types but cloud-init's are
 * inspected.
 *
 * @throws OnagerError USER_DATA_NO_ONAGER_LINE
 */
export function roleOf(part: MimePart): PartRole | undefined {
  const { name, type } = part;
  if (type === 'text/x-onager') return 'settings';
  if (cloudInits.test(type)) return undefined;
  if (saysZip(part)) return 'zip';
  if (/^onager\.ya?ml$/.test(name)) return 'settings';
  const bytes = decoded(part);
  if (isZip(bytes)) return 'zip';
  const start = firstText(bytes);
  if (cloudInitStart(start) !== undefined) return undefined;
  if (isScenarioXml(start)) return 'xml';
  if (isSettings(start)) return 'settings';
  if (/yaml$/.test(type)) refuseUnmarked(bytes, part);
  return undefined;
}

/** https://docs.cloud-init.io/en/latest/explanation/format.html */
const cloudInits = /^text\/(?:cloud-|jinja2$|part-handler$|upstart-job$|x-include-|x-shellscript)/;

/** A part that claims to be a zip and is not one is refused, not ignored. */
function saysZip({ name, raw, type }: MimePart): boolean {
  return /\/(?:x-)?zip/.test(type) || name.endsWith('.zip') || /^\s*UEsDB/.test(raw.slice(0, 80));
}

/** A part with a broken encoding that does not claim to be a zip is not for Onager. */
function decoded({ body }: MimePart): Buffer {
  try {
    return body();
  } catch (error) {
    if (error instanceof OnagerError) return Buffer.alloc(0);
    throw error;
  }
}

function refuseUnmarked(bytes: Buffer, part: MimePart): void {
  const { code, hint, message } = mistakeIn(bytes) ?? {};
  if (code !== 'USER_DATA_NO_ONAGER_LINE' || hint === undefined || message === undefined) return;
  throw new OnagerError(code, message, { hint, where: placeOf(part) });
}
