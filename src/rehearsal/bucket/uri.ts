/** The address of a request, and its canonical form, which is signed. */

import { S3Error } from './errors.ts';

/** Decoded. */
export type RequestTarget = Readonly<{
  path: string;
  query: readonly (readonly [name: string, value: string])[];
}>;

export function pathAndQuery(url: string): RequestTarget {
  const [path = '/', ...query] = url.split('?');
  const parameters = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '');
  return {
    path: decoded(path),
    query: parameters.map((pair) => {
      const [name = '', ...value] = pair.replaceAll('+', ' ').split('=');
      return [decoded(name), decoded(value.join('='))];
    }),
  };
}

/** As SigV4 specifies: escapes everything except letters, digits, `-`, `.`, `_` and `~`. */
export function encodeUri(text: string, { keepSlashes = false } = {}): string {
  const encoded = encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return keepSlashes ? encoded.replaceAll('%2F', '/') : encoded;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}
