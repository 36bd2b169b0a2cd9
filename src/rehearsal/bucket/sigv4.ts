/** Checks the AWS Signature Version 4 of requests that are signed by their headers. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Credentials } from '../../aws/credentials.ts';
import { S3Error } from './errors.ts';
import { encodeUri, pathAndQuery } from './uri.ts';

/** The one identity that is accepted, and where. */
export type Keys = Omit<Credentials, 'expiration'> & Readonly<{ region: string }>;

export type SignedRequest = Readonly<{
  /** Its `x-amz-content-sha256`: the sum of the body, or how the body is signed. */
  payload: string;
  signature: string;
  /** The signature of a part of a body that is signed in chunks: `sums` are of what it covers. */
  sign(algorithm: string, previous: string, ...sums: readonly string[]): string;
}>;

type HeaderSource = Pick<IncomingMessage, 'method' | 'url' | 'headersDistinct'>;

const maxSkewMs = 15 * 60_000;

/** @throws S3Error what S3 would answer to a request that is not signed as it must be */
export function authenticate(
  request: HeaderSource,
  keys: Keys,
  nowMs: number,
  service = 's3',
): SignedRequest {
  const { accessKeyId, date, scope, names, signature } = authorizationOf(
    request,
    keys.region,
    service,
  );
  if (accessKeyId !== keys.accessKeyId) {
    throw new S3Error(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      { AWSAccessKeyId: accessKeyId },
    );
  }
  if (header(request, 'x-amz-security-token') !== keys.sessionToken) {
    throw new S3Error('InvalidToken', 'The provided token is malformed or otherwise invalid.');
  }
  const payload = header(request, 'x-amz-content-sha256');
  if (payload === undefined) {
    const message = 'Missing required header for this request: x-amz-content-sha256';
    throw new S3Error('InvalidRequest', message);
  }
  const time = timeOf(request, date, nowMs);
  let key: string | Buffer = `AWS4${keys.secretAccessKey}`;
  for (const part of scope.split('/')) key = hmac(key, part);
  const sign: SignedRequest['sign'] = (algorithm, ...rest) =>
    hmac(key, [algorithm, time, scope, ...rest].join('\n')).toString('hex');

  const canonical = canonicalRequest(request, names, payload);
  const expected = sign('AWS4-HMAC-SHA256', sha256(canonical));
  if (!isSame(signature, expected)) throw signatureError({ CanonicalRequest: String(canonical) });
  return { payload, signature, sign };
}

export function signatureError(details: Readonly<Record<string, string>> = {}): S3Error {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  return new S3Error('SignatureDoesNotMatch', message, details);
}

/** Both in hexadecimal. */
export function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function header(
  { headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>,
  name: string,
): string | undefined {
  return headersDistinct[name]?.join(',');
}

type Authorization = Readonly<{
  accessKeyId: string;
  date: string;
  scope: string;
  names: readonly string[];
  signature: string;
}>;

function authorizationOf(request: HeaderSource, region: string, service: string): Authorization {
  const given = header(request, 'authorization');
  if (given === undefined) {
    if (/[?&]X-Amz-Signature=/i.test(request.url ?? '')) {
      throw new S3Error('NotImplemented', 'This bucket takes requests signed by headers only.');
    }
    throw new S3Error('AccessDenied', 'Access Denied');
  }
  if (!given.startsWith('AWS4-HMAC-SHA256 ')) {
    throw new S3Error('InvalidArgument', 'Unsupported Authorization Type');
  }
  const form =
    /^AWS4-HMAC-SHA256 +Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/([^/,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/;
  const [, accessKeyId, date, to, named, end, names, signature] = form.exec(given) ?? [];
  const isWhole = accessKeyId && date && names && signature;
  if (!isWhole || named !== service || end !== 'aws4_request') {
    throw new S3Error('AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  }
  if (to !== region) {
    const message = `The authorization header is malformed; the region '${to}' is wrong; expecting '${region}'`;
    throw new S3Error('AuthorizationHeaderMalformed', message, { Region: region });
  }
  const scope = `${date}/${to}/${service}/aws4_request`;
  return { accessKeyId, date, scope, names: names.split(';'), signature };
}

function timeOf(request: HeaderSource, date: string, nowMs: number): string {
  const time = header(request, 'x-amz-date') ?? '';
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  const timeMs = Date.parse(time.replace(form, '$1-$2-$3T$4:$5:$6Z'));
  if (!form.test(time) || Number.isNaN(timeMs)) {
    const message = 'AWS authentication requires a valid Date or x-amz-date header';
    throw new S3Error('AccessDenied', message);
  }
  if (!time.startsWith(date)) throw signatureError();
  if (Math.abs(timeMs - nowMs) > maxSkewMs) {
    throw new S3Error(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    );
  }
  return time;
}

function canonicalRequest(
  request: HeaderSource,
  names: readonly string[],
  payload: string,
): Buffer {
  const mustBeSigned = Object.keys(request.headersDistinct).filter(
    (name) => name === 'host' || name.startsWith('x-amz-'),
  );
  const unsigned = mustBeSigned.filter((name) => !names.includes(name));
  if (unsigned.length > 0) {
    const message = 'There were headers present in the request which were not signed';
    throw new S3Error('AccessDenied', message, { HeadersNotSigned: unsigned.join(', ') });
  }
  const { path, query } = pathAndQuery(request.url ?? '/');
  const parameters = query.map(([name, value]) => `${encodeUri(name)}=${encodeUri(value)}`);
  const canonical = [
    request.method ?? 'GET',
    encodeUri(path, { keepSlashes: true }),
    parameters.toSorted().join('&'),
    ...names.map((name) => `${name}:${canonicalValue(header(request, name) ?? '')}`),
    '',
    names.join(';'),
    payload,
  ];
  // Node.js gives the bytes of headers as Latin-1; everything else here is ASCII.
  return Buffer.from(canonical.join('\n'), 'latin1');
}

function canonicalValue(value: string): string {
  return value.trim().replace(/ +/g, ' ');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
