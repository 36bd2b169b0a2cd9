/**
 * What a failed request to S3 means: the problem, and whether it concerns one object or the whole
 * store.
 */

import { isElsewhere, type S3Answer, s3AnswerOf } from '../../aws/s3.ts';
import { type ErrorCode, messageOf, OnagerError, type Problem, problemsOf } from '../../errors.ts';

/** Where the requests went. */
type Place = Readonly<{
  bucket: string;
  region: string;
  endpoint: string | undefined;
  bucketOwner: string | undefined;
  kmsKey: string | undefined;
}>;

export type S3Failure = Readonly<{
  problem: Problem;
  /** `object`: others may succeed. `store`: others would fail as well. */
  scope: 'object' | 'store';
  /** The region the bucket says it is in. */
  region?: string;
}>;

/** A request that failed, and what that means. */
export class S3FailureError extends Error {
  override readonly name = 'S3FailureError';
  readonly failure: S3Failure;

  constructor(failure: S3Failure, cause?: unknown) {
    super(failure.problem.message, { cause });
    this.failure = failure;
  }
}

/** The failure behind an error of the AWS SDK, of Node.js or of our own. */
export function failureOf(error: unknown, place: Place): S3Failure {
  if (error instanceof S3FailureError) return error.failure;
  if (error instanceof OnagerError) return { problem: firstProblem(error), scope: 'store' };
  const answer = s3AnswerOf(error);
  return (
    regionFailure(answer, place) ??
    namedFailure(answer, place) ??
    statusFailure(answer, place) ??
    networkFailure(answer, place) ?? { problem: firstProblem(error), scope: 'object' }
  );
}

/** A proxy or a portal that answers 200 to everything: what it accepted is stored nowhere. */
export function notS3(what: string): OnagerError {
  return new OnagerError('BUCKET_NOT_S3', `something other than S3 answered ${what}`, {
    hint: 'check what is between this machine and S3, and that publish.endpoint is an S3 service; Onager retries',
  });
}

/** A failure on our side of an upload: the disk, a file. */
export function fileFailure(error: unknown): S3Failure {
  const message = `a file cannot be published: ${messageOf(error)}`;
  const hint = 'check that user onager may read the run folder and that the disk has space';
  return { problem: { code: 'PUBLISH_FILE', message, hint }, scope: 'object' };
}

function regionFailure(answer: S3Answer, place: Place): S3Failure | undefined {
  if (!isElsewhere(answer, place.region)) return undefined;
  const { region } = answer;
  const is = region === undefined ? 'in another region' : `in ${region}`;
  return {
    ...store(
      'BUCKET_REGION',
      `the bucket "${place.bucket}" is ${is}, not in ${place.region}`,
      'set publish.region to the region of the bucket',
    ),
    ...(region === undefined ? {} : { region }),
  };
}

function namedFailure({ name, message, words }: S3Answer, place: Place): S3Failure | undefined {
  if (name === 'CredentialsProviderError') {
    const hint = 'attach an instance profile whose role may s3:PutObject there';
    return store('NO_CREDENTIALS', `there are no AWS credentials: ${message}`, hint);
  }
  if (name === 'NoSuchBucket') {
    const hint = `create it: aws s3 mb s3://${place.bucket}`;
    return store('BUCKET_MISSING', `there is no bucket "${place.bucket}"`, hint);
  }
  if (badCredentials.has(name)) {
    const hint = 'check that the role or key exists and is active, and that the clock is right';
    return store('CREDENTIALS_REFUSED', `S3 rejects the AWS credentials: ${words}`, hint);
  }
  if (name === 'RequestTimeTooSkewed') {
    const hint = 'check that time synchronisation works: chronyc tracking';
    return store(
      'BUCKET_CLOCK',
      `S3 says that the clock of this machine is wrong: ${message}`,
      hint,
    );
  }
  if (name.startsWith('KMS') || /\bkms:/i.test(message)) {
    const hint = 'the role needs kms:GenerateDataKey on the key of publish.kmsKey or of the bucket';
    const key = place.kmsKey ?? "the bucket's default key";
    return store('BUCKET_KMS_KEY', `S3 cannot encrypt with ${key}: ${message}`, hint);
  }
  return undefined;
}

const badCredentials: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'ExpiredToken',
  'TokenRefreshRequired',
  'InvalidClientTokenId',
]);

function statusFailure({ name, status, words }: S3Answer, place: Place): S3Failure | undefined {
  if (status === undefined) return undefined;
  const said = `${status} ${words}`;
  if (status === 403) {
    const owner =
      place.bucketOwner === undefined
        ? ''
        : `, and account ${place.bucketOwner} (publish.bucketOwner) must own the bucket`;
    return store(
      'BUCKET_ACCESS_DENIED',
      `writing to the bucket "${place.bucket}" is not allowed: ${said}`,
      `the role needs s3:PutObject on arn:aws:s3:::${place.bucket}/*${owner}`,
    );
  }
  if (status >= 500 || status === 429 || status === 408) {
    const hint = 'Onager retries, at growing intervals of up to 30 seconds';
    return store('BUCKET_BUSY', `S3 cannot accept more at the moment: ${said}`, hint);
  }
  const hint = 'check publish.to and publish.endpoint, and what the store supports';
  const failure = store('BUCKET_REFUSED', `S3 rejects the request: ${said}`, hint);
  return { ...failure, scope: objectFailures.has(name) ? 'object' : 'store' };
}

const objectFailures: ReadonlySet<string> = new Set([
  'KeyTooLongError',
  'EntityTooLarge',
  'BadDigest',
  'InvalidDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'ConditionalRequestConflict',
]);

function networkFailure(
  { name, message, systemCode }: S3Answer,
  place: Place,
): S3Failure | undefined {
  const isNetwork =
    name === 'TimeoutError' ||
    name === 'AbortError' ||
    /^E[A-Z_]+$|^UND_ERR|^ERR_TLS|^ERR_SSL|CERT/.test(systemCode ?? '');
  if (!isNetwork || fileCodes.has(systemCode ?? '')) return undefined;
  const to = place.endpoint ?? `S3 in ${place.region}`;
  return store(
    'BUCKET_UNREACHABLE',
    `${to} cannot be reached: ${message || name}`,
    'check that the subnet has a route to S3 (an S3 gateway endpoint is enough) and that publish.endpoint is right',
  );
}

/** System errors that are about a file of ours, not about the network. */
const fileCodes: ReadonlySet<string> = new Set(
  'EACCES EDQUOT EIO EISDIR EMFILE ENFILE ENOENT ENOSPC EPERM EROFS'.split(' '),
);

function store(code: ErrorCode, message: string, hint: string): S3Failure {
  const retried = `${hint}; Onager retries`;
  return {
    problem: { code, message, hint: code === 'BUCKET_BUSY' ? hint : retried },
    scope: 'store',
  };
}

function firstProblem(error: unknown): Problem {
  const [first] = problemsOf(error);
  return first ?? { code: 'INTERNAL', message: String(error), hint: 'please report it' };
}
