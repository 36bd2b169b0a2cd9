/** The bucket: puts and heads of single objects, each attempt with an end; what a store cannot do is left out. */

import type { Readable } from 'node:stream';
import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { messageOf, OnagerError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { PublishSettings } from '../../settings/settings.ts';
import { faultOf, type Place, S3FailureError } from './s3-errors.ts';

/** What the AWS SDK calls an identity provider. */
export type CredentialsProvider = () => Promise<
  Readonly<{
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
    expiration?: Date;
  }>
>;

export type StoreOptions = Readonly<{
  settings: PublishSettings;
  credentials: CredentialsProvider;
  defaultRegion?: string | undefined;
  log: Log;
  timeouts?: Timeouts;
}>;

/** `perAttemptMs` is for a request with an empty body; a body gets a second more for every 64 KiB. */
export type Timeouts = Readonly<{ connectMs: number; idleMs: number; perAttemptMs: number }>;

/** One object to put. `body` gives the same bytes each time it is called. */
export type Upload = Readonly<{
  key: string;
  size: number;
  sha256: string;
  contentType: string;
  body(): Buffer | Readable;
}>;

/**
 * What the store knows of an object. `hidden`: it does not let us see, or does not tell that there
 * is none.
 */
export type Head = Readonly<{ size: number; sha256?: string; etag: string }> | 'absent' | 'hidden';

/**
 * What the name must hold for a put to be done: nothing, the object with this ETag, or whatever it
 * does.
 */
export type Expected = 'absent' | 'anything' | Readonly<{ etag: string }>;

export type Store = Readonly<{
  /**
   * `taken`: the name holds something else than expected, and keeps it. Stores that know no
   * conditions put it all the same.
   */
  put(
    upload: Upload,
    expected: Expected,
    signal: AbortSignal,
  ): Promise<'taken' | Readonly<{ etag: string }>>;
  head(key: string, signal: AbortSignal): Promise<Head>;
  close(): void;
}>;

/** The user metadata that holds the SHA-256 of an object. */
const sumKey = 'sha256';

type Sdk = typeof import('@aws-sdk/client-s3');
type Connection = Readonly<{ sdk: Sdk; client: S3Client }>;

/** Talks to the bucket of the settings; the AWS SDK is loaded with the first request. */
export function createStore({
  settings,
  credentials,
  defaultRegion,
  log,
  timeouts = { connectMs: 3_000, idleMs: 30_000, perAttemptMs: 60_000 },
}: StoreOptions): Store {
  const { bucket, endpoint, bucketOwner, kmsKey } = settings;
  let region = settings.region ?? defaultRegion ?? 'us-east-1';
  let hasFollowed = false;
  // Many stores that are not AWS know no checksums; some want them.
  let withChecksum = endpoint === undefined;
  let hasSwitched = false;
  const withCondition = { absent: true, etag: true };
  let connection: Promise<Connection> | undefined;

  const place = (): Place => ({ bucket, region, endpoint, bucketOwner, kmsKey });

  function connect(): Promise<Connection> {
    connection ??= load({ settings, region, credentials, timeouts });
    return connection;
  }

  function disconnect(): void {
    connection?.then(({ client }) => client.destroy()).catch(() => undefined);
    connection = undefined;
  }

  /** Runs a request; a bucket that is elsewhere is followed once, and what a store does not know is left out from then on. */
  async function attempt<T>(
    request: (connection: Connection, signal: AbortSignal) => Promise<T>,
    size: number,
    signal: AbortSignal,
  ): Promise<T> {
    for (;;) {
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(timeouts.perAttemptMs + Math.ceil(size / 65.536));
      try {
        return await request(await connect(), AbortSignal.any([signal, timeout]));
      } catch (error) {
        signal.throwIfAborted();
        if (!(await adapted(error))) throw new S3FailureError(await explained(error), error);
      }
    }
  }

  /** Whether there is something to do otherwise, so that trying again at once makes sense. */
  async function adapted(error: unknown): Promise<boolean> {
    const fault = faultOf(error, place());
    if (fault.region !== undefined && fault.region !== region && !hasFollowed) {
      log.warn({ from: region, to: fault.region }, 'bucket is in another region, followed');
      region = fault.region;
      hasFollowed = true;
      disconnect();
      return true;
    }
    if (!hasSwitched && namesUnsupported(error, /checksum|content-md5|trailer|aws-chunked/i)) {
      withChecksum = !withChecksum;
      hasSwitched = true;
      log.warn({ problem: fault.problem, withChecksum }, 'store wants it otherwise with checksums');
      return true;
    }
    // The SDK may hold on to credentials that are no longer good: the next attempt asks for new ones.
    if (fault.problem.code === 'CREDENTIALS_REFUSED') disconnect();
    return false;
  }

  /** A wrong owner is answered like any denied access; a look at the bucket without naming an owner tells them apart. */
  async function explained(error: unknown): Promise<S3FailureError['fault']> {
    const fault = faultOf(error, place());
    if (fault.problem.code !== 'BUCKET_ACCESS_DENIED' || bucketOwner === undefined) return fault;
    try {
      const { sdk, client } = await connect();
      const abortSignal = AbortSignal.timeout(timeouts.perAttemptMs);
      await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), { abortSignal });
    } catch {
      return fault; // not allowed to look either: it stays what it was
    }
    const message = `the bucket "${bucket}" does not belong to account ${bucketOwner}, or writing is not allowed`;
    const hint =
      'see who owns the bucket and set publish.bucketOwner to that account, or allow s3:PutObject; it is tried again by itself';
    return { ...fault, problem: { code: 'BUCKET_OWNER', message, hint } };
  }

  async function send(
    upload: Upload,
    expected: Expected,
    { sdk, client }: Connection,
    abortSignal: AbortSignal,
  ): Promise<Readonly<{ etag: string }>> {
    const command = new sdk.PutObjectCommand({
      Bucket: bucket,
      Key: upload.key,
      Body: upload.body(),
      ContentLength: upload.size,
      ContentType: upload.contentType,
      Metadata: { [sumKey]: upload.sha256 },
      ...(withChecksum
        ? { ChecksumSHA256: Buffer.from(upload.sha256, 'hex').toString('base64') }
        : {}),
      ...(expected === 'absent' ? { IfNoneMatch: '*' } : {}),
      ...(typeof expected === 'object' ? { IfMatch: expected.etag } : {}),
      ...(bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner }),
      ...(kmsKey === undefined ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey }),
    });
    // The sum is known: signed as it is, a body is neither read twice nor sent unsigned, and S3 refuses any other bytes.
    command.middlewareStack.add(
      (next) => (args) => {
        const { request } = args;
        if (isHttpRequest(request)) {
          request.headers['x-amz-content-sha256'] = upload.sha256;
        }
        return next(args);
      },
      { step: 'build', name: 'knownSha256' },
    );
    const { ETag: etag } = await client.send(command, { abortSignal });
    if (etag === undefined) throw noS3(`a put of ${upload.key} with 200, but without an ETag`);
    return { etag };
  }

  /** What a store or a role cannot do with conditions is done without them, from then on. */
  async function sendOn(
    upload: Upload,
    expected: Expected,
    to: Connection,
    abort: AbortSignal,
  ): Promise<'taken' | Readonly<{ etag: string }>> {
    const kind = typeof expected === 'object' ? 'etag' : expected;
    if (kind === 'anything' || !withCondition[kind])
      return await send(upload, 'anything', to, abort);
    try {
      return await send(upload, expected, to, abort);
    } catch (error) {
      if (isTaken(error)) return 'taken';
      if (!isUnconditional(error, kind)) throw error;
    }
    const put = await send(upload, 'anything', to, abort);
    log.warn({ kind }, 'store does not do conditional writes, left out');
    withCondition[kind] = false;
    return put;
  }

  return {
    async put(upload, expected, signal) {
      const request = (to: Connection, abort: AbortSignal) => sendOn(upload, expected, to, abort);
      return await attempt(request, upload.size, signal);
    },
    async head(key, signal) {
      return await attempt(
        async ({ sdk, client }, abortSignal) => {
          const command = new sdk.HeadObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner }),
          });
          try {
            return headOf(key, await client.send(command, { abortSignal }));
          } catch (error) {
            if (statusOf(error) === 404) return 'absent';
            if (statusOf(error) === 403) return 'hidden';
            throw error;
          }
        },
        0,
        signal,
      );
    },
    close: disconnect,
  };
}

function headOf(key: string, head: HeadObjectCommandOutput): Head {
  const { ContentLength: size = 0, ETag: etag, Metadata } = head;
  if (etag === undefined) throw noS3(`a look at ${key} with 200, but without an ETag`);
  const sha256 = Metadata?.[sumKey];
  return { size, etag, ...(sha256 === undefined ? {} : { sha256 }) };
}

/** A proxy or a portal that says 200 to everything: what it took is nowhere. */
function noS3(what: string): OnagerError {
  return new OnagerError('BUCKET_NOT_S3', `something that is not S3 answered ${what}`, {
    hint: 'see what stands between this machine and S3, and that publish.endpoint is an S3 service; it is tried again by itself',
  });
}

/** Also where an object that should be replaced is not there any more. */
function isTaken(error: unknown): boolean {
  const isGone = error instanceof Error && error.name === 'NoSuchKey';
  return statusOf(error) === 412 || isGone;
}

/** To compare with what is there a role must be allowed to read it as well. */
function isUnconditional(error: unknown, kind: 'absent' | 'etag'): boolean {
  if (namesUnsupported(error, /if-?match|none-?match|condition|not ?implemented/i)) return true;
  return kind === 'etag' && statusOf(error) === 403;
}

async function load({
  settings: { endpoint },
  region,
  credentials,
  timeouts,
}: Readonly<{
  settings: PublishSettings;
  region: string;
  credentials: CredentialsProvider;
  timeouts: Timeouts;
}>): Promise<Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    region,
    credentials: () => credentials().catch(refused),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 3,
    // Our own SHA-256 goes along instead, where the store knows checksums at all.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It would write to the console otherwise; what is worth saying comes as an error.
    logger: { debug: ignored, info: ignored, warn: ignored, error: ignored },
    requestHandler: {
      connectionTimeout: timeouts.connectMs,
      socketTimeout: timeouts.idleMs,
    },
  });
  return { sdk, client };
}

function ignored(): void {}

/** The SDK's own marks are on errors of requests only: those of the provider get theirs here. */
function refused(error: unknown): never {
  if (error instanceof OnagerError) throw error;
  const message = `there are no AWS credentials: ${messageOf(error)}`;
  throw new OnagerError('NO_CREDENTIALS', message, {
    hint: 'attach an instance profile whose role may s3:PutObject there; it is tried again by itself',
    cause: error,
  });
}

/** Whether the store answered that it does not know what the words are about. */
function namesUnsupported(error: unknown, words: RegExp): boolean {
  const status = statusOf(error);
  return (status === 400 || status === 501) && words.test(String(error));
}

function statusOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata } = error;
  return typeof $metadata === 'object' && $metadata !== null && 'httpStatusCode' in $metadata
    ? $metadata.httpStatusCode
    : undefined;
}

function isHttpRequest(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}
