/**
 * The signatures in the documentation of S3: requests signed by headers, and bodies signed chunk by
 * chunk.
 */

import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { unchunked } from '../../../../src/rehearsal/bucket/chunks.ts';
import { authenticate, type SignedRequest } from '../../../../src/rehearsal/bucket/sigv4.ts';

const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const nowMs = Date.parse('2013-05-24T00:00:00Z');

function signed(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  signature: string,
): SignedRequest {
  const all = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    ...headers,
  };
  const names = Object.keys(all).toSorted();
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names.join(';')},Signature=${signature}`;
  const headersDistinct = Object.fromEntries(
    Object.entries({ ...all, authorization }).map(([name, value]) => [name, [value]]),
  );
  return authenticate({ method, url, headersDistinct }, keys, nowMs);
}

const emptySum = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('the signature of a request', () => {
  it.for([
    {
      of: 'a GET of a range',
      ask: ['GET', '/test.txt'] as const,
      headers: { range: 'bytes=0-9', 'x-amz-content-sha256': emptySum },
      signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
    {
      of: 'a PUT to a key with a sign that is encoded',
      ask: ['PUT', '/test%24file.text'] as const,
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    },
    {
      of: 'a parameter without a value',
      ask: ['GET', '/?lifecycle'] as const,
      headers: { 'x-amz-content-sha256': emptySum },
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
    {
      of: 'a list',
      ask: ['GET', '/?max-keys=2&prefix=J'] as const,
      headers: { 'x-amz-content-sha256': emptySum },
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ])('is right of $of, and wrong of any other', ({ ask: [method, url], headers, signature }) => {
    expect(signed(method, url, headers, signature)).toMatchObject({ signature });
    expect(() => signed(method, `${url}x`, headers, signature)).toThrow('does not match');
    const other = signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect(() => signed(method, url, headers, other)).toThrow('does not match');
  });
});

const chunkSize = 65_536;
const body = 'a'.repeat(chunkSize + 1_024);

/** The parts as they are sent: each with its signature, then the trailers. */
function chunked(signatures: readonly string[], trailers: readonly string[] = []): string {
  const parts = [body.slice(0, chunkSize), body.slice(chunkSize), ''];
  const chunks = parts.map((part, index) => {
    const end = part === '' ? '' : '\r\n';
    return `${part.length.toString(16)};chunk-signature=${signatures[index]}\r\n${part}${end}`;
  });
  return [...chunks, ...trailers.map((line) => `${line}\r\n`), '\r\n'].join('');
}

/** The body arrives in pieces that end anywhere. */
async function* pieces(sent: string, size = 999): AsyncGenerator<Buffer> {
  for (let from = 0; from < sent.length; from += size)
    yield Buffer.from(sent.slice(from, from + size));
}

/** Whether what comes out is the body that went in. */
async function isWhole(
  sent: string,
  request: SignedRequest,
  trailers = new Map<string, string>(),
): Promise<boolean> {
  return (await text(unchunked(pieces(sent), request, trailers))) === body;
}

const streamed = {
  host: 's3.amazonaws.com',
  'content-encoding': 'aws-chunked',
  'x-amz-decoded-content-length': '66560',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
};

describe('a body in signed chunks', () => {
  const first = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';
  const signatures = [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ];
  const request = (): SignedRequest =>
    signed(
      'PUT',
      '/examplebucket/chunkObject.txt',
      {
        ...streamed,
        'content-length': '66824',
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      },
      first,
    );

  it('is taken out of them where every signature is right', async () => {
    const sent = chunked(signatures);
    expect(sent).toHaveLength(66_824);
    expect(await isWhole(sent, request())).toBe(true);
  });

  it.for([
    { which: 'a byte is another', sent: chunked(signatures).replace('aaa', 'aba') },
    { which: 'a signature is missing', sent: chunked(signatures).replace(/;chunk[^\r]*/, '') },
    { which: 'the end has another signature', sent: chunked(signatures.with(2, first)) },
    { which: 'two chunks are exchanged', sent: chunked(signatures.toReversed()) },
  ])('is refused where $which', async ({ sent }) => {
    await expect(isWhole(sent, request())).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  it.for([
    { which: 'ends early', sent: chunked(signatures).slice(0, 60_000) },
    { which: 'has no end', sent: chunked(signatures).slice(0, 66_700) },
    { which: 'is no chunks at all', sent: 'x'.repeat(40_000) },
  ])('is refused where it $which', async ({ sent }) => {
    await expect(isWhole(sent, request())).rejects.toMatchObject({
      code: 'IncompleteBody',
    });
  });
});

describe('a body in signed chunks with a trailer', () => {
  const signatures = [
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
  ];
  const checksum = 'x-amz-checksum-crc32c:sOO8/Q==';
  const last =
    'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435';
  const request = (): SignedRequest =>
    signed(
      'PUT',
      '/examplebucket/chunkObject.txt',
      {
        ...streamed,
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
        'x-amz-trailer': 'x-amz-checksum-crc32c',
      },
      '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    );

  it('gives the trailer where its signature is right', async () => {
    const trailers = new Map<string, string>();
    const sent = chunked(signatures, [checksum, last]);
    expect(await isWhole(sent, request(), trailers)).toBe(true);
    expect([...trailers]).toEqual([['x-amz-checksum-crc32c', 'sOO8/Q==']]);
  });

  it.for([
    { which: 'is another', trailers: [checksum.replace('sOO8', 'SOO8'), last] },
    { which: 'is not signed', trailers: [checksum] },
  ])('is refused where the trailer $which', async ({ trailers }) => {
    const sent = chunked(signatures, trailers);
    await expect(isWhole(sent, request())).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});
