/**
 * ListObjectsV2: the objects of a bucket by prefix, in pages, with common prefixes grouped.
 */

import { elements, S3Error, xml } from './errors.ts';
import type { StoredObject } from './objects.ts';
import { encodeUri, type RequestTarget } from './uri.ts';

const maxPage = 1_000;

export function listXml(
  bucket: string,
  query: RequestTarget['query'],
  objects: readonly StoredObject[],
): string {
  const { prefix = '', delimiter = '', ...asked } = Object.fromEntries(query);
  const isSpelled = asked['encoding-type'] === 'url';
  const shown = (name: string): string => (isSpelled ? spelled(name) : name);
  const token = asked['continuation-token'];
  const after = token === undefined ? (asked['start-after'] ?? '') : keyOf(token);
  const size = pageSize(asked['max-keys']);

  const entries = [...entriesOf(objects, prefix, delimiter)].filter(
    ([name]) => after === '' || Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0,
  );
  const page = entries.slice(0, size);
  const isTruncated = page.length < entries.length;
  const head = elements({
    Name: bucket,
    Prefix: shown(prefix),
    KeyCount: page.length,
    MaxKeys: size,
    IsTruncated: isTruncated,
    ...(delimiter === '' ? {} : { Delimiter: shown(delimiter) }),
    ...(isSpelled ? { EncodingType: 'url' } : {}),
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(isTruncated ? { NextContinuationToken: tokenOf(page.at(-1)?.[0] ?? after) } : {}),
  });
  const listed = page.map(([name, object]) => entryXml(shown(name), object)).join('');
  const space = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  return xml(`<ListBucketResult ${space}>${head}${listed}</ListBucketResult>`);
}

type Entries = ReadonlyMap<string, StoredObject | undefined>;

/** Objects by key, and common prefixes up to the delimiter. */
function entriesOf(objects: readonly StoredObject[], prefix: string, delimiter: string): Entries {
  const entries = new Map<string, StoredObject | undefined>();
  for (const object of objects) {
    const { key } = object;
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut < 0) entries.set(key, object);
    else entries.set(key.slice(0, cut + delimiter.length), undefined);
  }
  return entries;
}

function entryXml(name: string, object: StoredObject | undefined): string {
  if (object === undefined) return `<CommonPrefixes>${elements({ Prefix: name })}</CommonPrefixes>`;
  const { modifiedAt: LastModified, etag: ETag, size: Size } = object;
  const fields = { Key: name, LastModified, ETag, Size, StorageClass: 'STANDARD' };
  return `<Contents>${elements(fields)}</Contents>`;
}

function spelled(name: string): string {
  return encodeUri(name, { keepSlashes: true });
}

function pageSize(given: string | undefined): number {
  if (given === undefined) return maxPage;
  if (/^\d{1,9}$/.test(given)) return Math.min(Number(given), maxPage);
  throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range');
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64');
}

function keyOf(token: string): string {
  const key = Buffer.from(token, 'base64').toString();
  if (token !== '' && tokenOf(key) === token) return key;
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
}
