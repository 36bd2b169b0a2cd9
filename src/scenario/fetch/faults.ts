/** Distinguishes transient failures of a fetch from permanent ones, and explains the latter. */

import type { Readable } from 'node:stream';
import { OnagerError } from '../../errors.ts';

/** An answer whose body has not been read yet. */
export type OpenedDownload = Readonly<{ body: Readable; totalBytes?: number }>;

/** A failure that may be gone on the next attempt. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

const transientCodes: readonly string[] = ['ROLE_NOT_READY', 'IMDS_UNREACHABLE'];

export function isTransient(error: unknown): boolean {
  if (error instanceof OnagerError) return transientCodes.includes(error.code);
  return error instanceof TransientError;
}

/** The body's bytes; a body that breaks off is a transient failure. */
export async function* duringBody(body: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield Buffer.from(chunk);
  } catch (error) {
    throw transient(error);
  }
}

/** A network failure: transient, unless the certificate is not trusted. */
export function networkFailure(error: unknown, host: string): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/.test(code)) return transient(error);
  const why = error instanceof Error ? error.message : code;
  return new OnagerError('SCENARIO_TLS', `no trusted connection to ${host}: ${code}: ${why}`, {
    hint: 'the server needs a certificate of a public authority, for this name and not expired',
    cause: error,
  });
}

/** What an HTTP status other than success means. `said`: the server's own reason, if any. */
export function statusFailure(status: number, place: string, said = ''): Error {
  const answer = said === '' ? `${status}` : `${status} ${said}`;
  if (status === 404 || status === 410) {
    const message = `there is no scenario at ${place}: ${answer}`;
    const hint = 'check that it is uploaded, and that its address is exactly right';
    return new OnagerError('SCENARIO_NOT_FOUND', message, { hint });
  }
  if (status === 401 || status === 403) {
    const message = `reading ${place} is not allowed: ${answer}`;
    const hint = place.startsWith('s3:')
      ? `the role needs s3:GetObject on ${place.replace('s3://', 'arn:aws:s3:::')}; without s3:ListBucket, S3 says the same of a key that does not exist`
      : 'a signed URL may have expired: sign a new one';
    return new OnagerError('SCENARIO_ACCESS_DENIED', message, { hint });
  }
  if (status >= 500 || status === 429 || status === 408) {
    return new TransientError(`the server answers ${answer}`);
  }
  const hint = 'try the address with curl -v: the answer must be 200 and the scenario';
  return new OnagerError('SCENARIO_REFUSED', `the server does not serve ${place}: ${answer}`, {
    hint,
  });
}

function transient(error: unknown): TransientError {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return new TransientError(message, { cause: error });
}
