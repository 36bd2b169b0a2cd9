/** Runs requests to the bucket, each with a time limit, and interprets failures. */

import type { CredentialsProvider } from '../../aws/credentials.ts';
import { connectToS3, type S3Connection } from '../../aws/s3.ts';
import { messageOf, OnagerError } from '../../errors.ts';
import { orAborted } from '../../retry.ts';
import type { PublishSettings } from '../../settings/settings.ts';
import type { Dialect } from './dialect.ts';
import { failureOf, type S3Failure, S3FailureError } from './s3-errors.ts';

/**
 * `perAttemptMs` is for a request with an empty body; a body gets a second more for every 64 KiB.
 */
export type S3Timeouts = Readonly<{ connectMs: number; idleMs: number; perAttemptMs: number }>;

type Request<T> = (connection: S3Connection, signal: AbortSignal) => Promise<T>;

type Connection = Readonly<{
  /**
   * Runs a request with a body of so many bytes, and once more each time that something was learned
   * of how the store wants it.
   *
   * @throws S3FailureError
   */
  attempt<T>(request: Request<T>, size: number, signal: AbortSignal): Promise<T>;
  close(): void;
}>;

export function createConnection({
  settings,
  credentials,
  timeouts,
  dialect,
}: Readonly<{
  settings: PublishSettings;
  credentials: CredentialsProvider;
  timeouts: S3Timeouts;
  dialect: Dialect;
}>): Connection {
  const { bucket, endpoint, bucketOwner, kmsKey } = settings;
  let connection: Promise<S3Connection> | undefined;

  function connect(): Promise<S3Connection> {
    connection ??= connectToS3({
      credentials: () => credentials().catch(refused),
      region: dialect.region(),
      endpoint,
      connectMs: timeouts.connectMs,
      idleMs: timeouts.idleMs,
      maxAttempts: 3,
      followRegionRedirects: false,
    });
    return connection;
  }

  function close(): void {
    connection?.then(({ client }) => client.destroy()).catch(() => undefined);
    connection = undefined;
  }

  /**
   * A wrong owner is answered like any denied access; a look at the bucket without naming an owner
   * tells them apart.
   */
  async function isOthers(failure: S3Failure): Promise<boolean> {
    if (failure.problem.code !== 'BUCKET_ACCESS_DENIED' || bucketOwner === undefined) return false;
    try {
      const { sdk, client } = await connect();
      const abortSignal = AbortSignal.timeout(timeouts.perAttemptMs);
      await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), { abortSignal });
      return true;
    } catch {
      return false; // not allowed to check either: the answer stays
    }
  }

  /** Returns where something was learned, so that it makes sense to try again at once. */
  async function adaptOrThrow(error: unknown): Promise<void> {
    const place = { bucket, region: dialect.region(), endpoint, bucketOwner, kmsKey };
    const failure = failureOf(error, place);
    const learned = dialect.learn(error, failure);
    // The SDK may hold on to credentials that are no longer good: the next attempt asks for new
    // ones.
    if (learned === 'region' || failure.problem.code === 'CREDENTIALS_REFUSED') close();
    if (learned !== undefined) return;
    const isWrongOwner = await isOthers(failure);
    throw new S3FailureError(isWrongOwner ? notOwned(failure, settings) : failure, error);
  }

  return {
    async attempt(request, size, signal) {
      for (;;) {
        signal.throwIfAborted();
        const timeout = AbortSignal.timeout(timeouts.perAttemptMs + Math.ceil(size / 65.536));
        try {
          const abort = AbortSignal.any([signal, timeout]);
          const answer = connect().then((connection) => request(connection, abort));
          // The SDK does not end its own wait for credentials.
          return await orAborted(answer, signal);
        } catch (error) {
          signal.throwIfAborted();
          await adaptOrThrow(error);
        }
      }
    },
    close,
  };
}

function notOwned(failure: S3Failure, { bucket, bucketOwner }: PublishSettings): S3Failure {
  const message = `the bucket "${bucket}" does not belong to account ${bucketOwner}, or writing is not allowed`;
  const hint =
    'check who owns the bucket and set publish.bucketOwner to that account, or allow s3:PutObject; Onager retries';
  return { ...failure, problem: { code: 'BUCKET_OWNER', message, hint } };
}

/** The SDK's own marks are on errors of requests only: those of the provider get theirs here. */
function refused(error: unknown): never {
  if (error instanceof OnagerError) throw error;
  const message = `there are no AWS credentials: ${messageOf(error)}`;
  throw new OnagerError('NO_CREDENTIALS', message, {
    hint: 'attach an instance profile whose role may s3:PutObject there; Onager retries',
    cause: error,
  });
}
