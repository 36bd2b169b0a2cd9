/** Decodes an `aws-chunked` body, and checks the signatures of its chunks and trailers. */

import { createHash } from 'node:crypto';
import { S3Error } from './errors.ts';
import { isSame, type SignedRequest, sha256, signatureError } from './sigv4.ts';

/** Whether each chunk is signed, and whether trailers follow the last. */
const chunkings: ReadonlyMap<
  string,
  Readonly<{ isSigned: boolean; hasTrailers: boolean }>
> = new Map([
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', { isSigned: true, hasTrailers: false }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', { isSigned: true, hasTrailers: true }],
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', { isSigned: false, hasTrailers: true }],
]);

/** Fills `trailers` at its end. */
export async function* unchunked(
  body: AsyncIterable<Buffer>,
  signed: SignedRequest,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const chunking = chunkings.get(signed.payload);
  if (chunking === undefined) {
    throw new S3Error('InvalidArgument', `x-amz-content-sha256 cannot be ${signed.payload}`);
  }
  const reader = createReader(body);
  const signatures = chunking.isSigned ? chain(signed) : undefined;
  let size: number;
  do {
    const [, digits = '', given = ''] = chunkHead.exec(await reader.line()) ?? [];
    if (digits === '') throw incomplete();
    size = Number.parseInt(digits, 16);
    const hash = createHash('sha256');
    for await (const bytes of reader.take(size)) {
      hash.update(bytes);
      yield bytes;
    }
    signatures?.check('PAYLOAD', given, sha256(''), hash.digest('hex'));
    // The trailers follow the last chunk, which is empty, at once.
    if (size > 0 && (await reader.line()) !== '') throw incomplete();
  } while (size > 0);
  if (!chunking.hasTrailers) return;
  await readTrailers(reader, trailers);
  const given = trailers.get('x-amz-trailer-signature') ?? '';
  trailers.delete('x-amz-trailer-signature');
  const text = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
  signatures?.check('TRAILER', given, sha256(text));
}

async function readTrailers(reader: Reader, trailers: Map<string, string>): Promise<void> {
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

const chunkHead = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i;

/** Each signature covers the one before it, the first of all that of the request. */
function chain({ signature, sign }: SignedRequest) {
  let previous = signature;
  return {
    check(kind: 'PAYLOAD' | 'TRAILER', given: string, ...sums: readonly string[]): void {
      if (!isSame(given, sign(`AWS4-HMAC-SHA256-${kind}`, previous, ...sums))) {
        throw signatureError();
      }
      previous = given;
    },
  };
}

type Reader = ReturnType<typeof createReader>;

/** The longest chunk header or trailer that S3 accepts. */
const maxLine = 16_384;

/** Reads lines, without their CRLF, and given numbers of bytes. */
function createReader(stream: AsyncIterable<Buffer>) {
  const source = stream[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);

  async function more(): Promise<void> {
    const { done, value } = await source.next();
    if (done === true) throw incomplete();
    held = Buffer.concat([held, value]);
  }

  return {
    async line(): Promise<string> {
      let end = held.indexOf('\r\n');
      while (end < 0) {
        if (held.length > maxLine) throw incomplete();
        await more();
        end = held.indexOf('\r\n');
      }
      const text = held.toString('latin1', 0, end);
      held = held.subarray(end + 2);
      return text;
    },
    async *take(size: number): AsyncGenerator<Buffer> {
      for (let left = size; left > 0; ) {
        if (held.length === 0) await more();
        const bytes = held.subarray(0, left);
        held = held.subarray(bytes.length);
        left -= bytes.length;
        yield bytes;
      }
    },
  };
}

export function incomplete(): S3Error {
  return new S3Error(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}
