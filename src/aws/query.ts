/**
 * AWS's Query API, which EC2 and Auto Scaling speak: a signed form goes there, XML comes back. The
 * SDK's client of EC2 alone would take 80 MB of memory.
 */

import { createHash, createHmac } from 'node:crypto';
import { orAborted } from '../retry.ts';
import { cut, quote, replaceUnseen } from '../text.ts';
import type { CredentialsProvider } from './credentials.ts';
import { ask } from './http.ts';
import { childOf, parseXml, textOf, type XmlElement } from './xml.ts';

/** `service`: as in its endpoint and its signatures, such as `ec2`. */
export type AwsQuery = Readonly<{
  service: string;
  region: string;
  version: string;
  action: string;
  parameters: Readonly<Record<string, string>>;
  credentials: CredentialsProvider;
  /** In place of the region's own. */
  endpoint?: string | undefined;
}>;

/** The service did not do it. `code`: AWS's, such as `UnauthorizedOperation`. */
export class AwsRefusal extends Error {
  override readonly name = 'AwsRefusal';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(`${code}: ${cut(replaceUnseen(message), 300)}`);
    this.code = code;
    this.status = status;
  }
}

const timeoutMs = 10_000;
const maxBytes = 4 * 1024 ** 2;

/**
 * One attempt; returns the root of the answer, such as `DescribeInstancesResponse`.
 *
 * @throws AwsRefusal
 * @throws OnagerError there are no credentials
 * @throws Error no whole answer, or one that is not of AWS
 */
export async function query(asked: AwsQuery, signal: AbortSignal): Promise<XmlElement> {
  const { service, region, version, action, parameters, endpoint } = asked;
  const url = new URL(endpoint ?? endpointOf(service, region));
  const form = new URLSearchParams({ Action: action, Version: version, ...parameters });
  const body = form.toString();
  const headers = await orAborted(signedHeaders(asked, url, body), signal);
  const question = { method: 'POST', headers, body, timeoutMs, maxBytes } as const;
  const answer = await ask(url.href, question, signal);
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) throw refusalOf(text, answer.status);
  const root = parseXml(text);
  if (root.name !== `${action}Response`)
    throw new Error(`something other than ${service} answered with <${quote(root.name)}>`);
  return root;
}

export function endpointOf(service: string, region: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${service}.${region}.${domain}/`;
}

async function signedHeaders(
  { service, region, credentials }: AwsQuery,
  { protocol, hostname, host, pathname }: URL,
  body: string,
): Promise<Readonly<Record<string, string>>> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    path: pathname,
    headers: { host, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body,
  });
  return { ...headers, 'content-length': String(Buffer.byteLength(body)) };
}

/** The signer takes its hash function from outside. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** EC2 has `<Response><Errors><Error>`, the others `<ErrorResponse><Error>`. */
function refusalOf(text: string, status: number): AwsRefusal {
  try {
    const root = parseXml(text);
    const error = childOf(root, 'Errors', 'Error') ?? childOf(root, 'Error') ?? root;
    const code = textOf(error, 'Code');
    if (/^[\w.]{1,100}$/.test(code)) return new AwsRefusal(code, textOf(error, 'Message'), status);
  } catch {
    // A proxy's own page, or half an answer.
  }
  return new AwsRefusal(`HTTP ${status}`, text === '' ? 'without a text' : text, status);
}
