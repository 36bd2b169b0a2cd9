/** Decides what the user-data bytes are; reads nothing, fetches nothing. */

import { OnagerError } from '../errors.ts';
import { quoteBytes } from '../text.ts';
import { peelBase64, peelGzip } from './layers.ts';
import { looksLikeMime, readMime } from './mime.ts';
import { mistakeIn } from './mistakes.ts';
import {
  checkXml,
  cloudInitStart,
  decodeText,
  firstText,
  isSettings,
  isXml,
  skipBlanks,
} from './xml-and-text.ts';
import { checkZip, isZip } from './zip.ts';

type Layer = 'base64' | 'gzip';

/** `layers`: those removed, outermost first. `settingsText`: YAML. `why`: for the page. */
export type UserData = Readonly<{ layers: readonly Layer[] }> &
  (
    | Readonly<{ kind: 'idle'; why: string }>
    | Readonly<{
        kind: 'scenario';
        form: 'zip' | 'xml';
        scenario: Buffer;
        settingsText?: string;
      }>
    | Readonly<{ kind: 'settings'; settingsText: string }>
  );

/** Throws an OnagerError that says what the bytes seem to be, if they are not usable. */
export function readUserData(bytes: Buffer | undefined): UserData {
  const idle = (why: string): UserData => ({ kind: 'idle', why, layers: [] });
  if (bytes === undefined) return idle('the instance was launched without user-data');
  if (firstText(bytes) === '') return idle('the user-data is empty');
  return readLayers(bytes, bytes, []);
}

function readLayers(bytes: Buffer, original: Buffer, layers: readonly Layer[]): UserData {
  const known = readForm(bytes, layers);
  if (known !== undefined) return known;
  const gunzipped = peelGzip(bytes);
  if (gunzipped !== undefined) return peel(gunzipped, original, layers, 'gzip');
  const mistake = mistakeIn(bytes);
  if (mistake !== undefined) throw mistake;
  const decoded = peelBase64(bytes);
  if (decoded !== undefined) return peel(decoded, original, layers, 'base64');
  throw unknown(original);
}

/** The form that the first bytes show, or undefined if they show none. */
function readForm(bytes: Buffer, layers: readonly Layer[]): UserData | undefined {
  if (isZip(bytes)) {
    checkZip(bytes);
    return { kind: 'scenario', form: 'zip', scenario: bytes, layers };
  }
  const start = firstText(bytes);
  if (isXml(start)) {
    checkXml(bytes);
    return { kind: 'scenario', form: 'xml', scenario: skipBlanks(bytes), layers };
  }
  if (isSettings(start)) {
    return { kind: 'settings', settingsText: decodeText(bytes, 'user-data'), layers };
  }
  const cloudInit = cloudInitStart(start);
  if (cloudInit !== undefined) {
    return { kind: 'idle', why: `the user-data is for cloud-init (${cloudInit})`, layers };
  }
  return looksLikeMime(start) ? { ...readMime(bytes), layers } : undefined;
}

function peel(inner: Buffer, original: Buffer, layers: readonly Layer[], layer: Layer): UserData {
  if (layers.includes(layer)) {
    throw new OnagerError('USER_DATA_ENCODED_TWICE', `the user-data has ${layer} within ${layer}`, {
      hint: 'encode it once or not at all: the AWS CLI and most SDKs add base64 themselves',
    });
  }
  return readLayers(inner, original, [...layers, layer]);
}

function unknown(bytes: Buffer): OnagerError {
  return new OnagerError(
    'USER_DATA_UNKNOWN',
    `the user-data starts with ${quoteBytes(bytes)}, which is no format that Onager knows`,
    { hint: 'give a zip (fileb://scenario.zip), a tsung.xml, or settings that start with #onager' },
  );
}
