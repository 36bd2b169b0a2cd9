/** What a failed request to S3 means: a problem in words, and whether it concerns one object or the whole store. */

import { type ErrorCode, messageOf, OnagerError, type Problem, problemsOf } from '../../errors.ts';

/** Where the requests went. */
export type Place = Readonly<{
  bucket: string;
  region: string;
  endpoint: string | undefined;
  bucketOwner: string | undefined;
  kmsKey: string | undefined;
}>;

export type S3Failure = Readonly<{
  problem: Problem;
  /** `object`: others may go well. `store`: others would fail as well. */
  scope: 'object' | 'store';
  /** The region the bucket says it is in. */
  region?: string;
  /** The error itself, in its own words. */
  cause?: string;
}>;

/** A request that failed, and what that means. */
export class S3FailureError extends Error {
  override readonly name = 'FaultError';
  readonly fault: S3Failure;

  constructor(fault: S3Failure, cause: unknown) {
    super(fault.problem.message, { cause });
    this.fault = fault;
  }
}

/** The fault that an error of the AWS SDK, of Node.js or of our own stands for. */
export function faultOf(error: unknown, place: Place): S3Failure {
  if (error instanceof S3FailureError) return error.fault;
  if (error instanceof OnagerError) return { problem: firstProblem(error), scope: 'store' };
  const answer = answerOf(error);
  return (
    regionFault(answer, place) ??
    namedFault(answer, place) ??
    statusFault(answer, place) ??
    networkFault(answer, place) ?? { problem: firstProblem(error), scope: 'object' }
  );
}

/** A failure on our side of an upload: the disk, a file. */
export function fileFault(error: unknown): S3Failure {
  const message = `a file cannot be published: ${messageOf(error)}`;
  const hint = 'see that user onager may read the run folder and that the disk has space';
  return { problem: { code: 'PUBLISH_FILE', message, hint }, scope: 'object' };
}

type Answer = Readonly<{
  name: string;
  message: string;
  status: number | undefined;
  region: string | undefined;
  systemCode: string | undefined;
}>;

function answerOf(error: unknown): Answer {
  const headers = field(field(error, '$response'), 'headers');
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  const message = text(field(error, 'message')) ?? String(error);
  return {
    name: text(field(error, 'Code')) ?? text(field(error, 'name')) ?? '',
    message,
    status: typeof status === 'number' ? status : undefined,
    region:
      text(field(error, 'Region')) ??
      text(field(headers, 'x-amz-bucket-region')) ??
      /expecting '([a-z0-9-]+)'/.exec(message)?.[1],
    systemCode: text(field(error, 'code')) ?? text(field(field(error, 'cause'), 'code')),
  };
}

function regionFault({ name, status, region }: Answer, place: Place): S3Failure | undefined {
  const isElsewhere =
    status === 301 ||
    status === 307 ||
    name === 'PermanentRedirect' ||
    name === 'AuthorizationHeaderMalformed' ||
    (status === 400 && region !== undefined && region !== place.region);
  if (!isElsewhere) return undefined;
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

function namedFault({ name, message }: Answer, place: Place): S3Failure | undefined {
  if (name === 'CredentialsProviderError') {
    const hint = 'attach an instance profile whose role may s3:PutObject there';
    return store('NO_CREDENTIALS', `there are no AWS credentials: ${message}`, hint);
  }
  if (name === 'NoSuchBucket') {
    const hint = `create it: aws s3 mb s3://${place.bucket}`;
    return store('BUCKET_MISSING', `there is no bucket "${place.bucket}"`, hint);
  }
  if (badCredentials.has(name)) {
    const hint = 'see that the role or key exists and is active, and that the clock is right';
    return store(
      'CREDENTIALS_REFUSED',
      `S3 refuses the AWS credentials: ${name}: ${message}`,
      hint,
    );
  }
  if (name === 'RequestTimeTooSkewed') {
    const hint = 'see whether time synchronisation works: chronyc tracking';
    return store('BUCKET_CLOCK', `S3 finds this machine's clock wrong: ${message}`, hint);
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

function statusFault({ name, message, status }: Answer, place: Place): S3Failure | undefined {
  if (status === undefined) return undefined;
  const said = `${status} ${name === message ? name : `${name}: ${message}`}`;
  if (status === 403) {
    const owner =
      place.bucketOwner === undefined
        ? ''
        : `, and see that account ${place.bucketOwner} (publish.bucketOwner) owns the bucket`;
    return store(
      'BUCKET_ACCESS_DENIED',
      `writing to the bucket "${place.bucket}" is not allowed: ${said}`,
      `the role needs s3:PutObject on arn:aws:s3:::${place.bucket}/*${owner}`,
    );
  }
  if (status >= 500 || status === 429 || status === 408) {
    const hint = 'it is tried again, slower and slower up to every 30 seconds';
    return store('BUCKET_BUSY', `S3 cannot take more at the moment: ${said}`, hint);
  }
  const hint = 'see whether publish.to and publish.endpoint are right, and what the store supports';
  const fault = store('BUCKET_REFUSED', `S3 refuses the request: ${said}`, hint);
  return { ...fault, scope: objectFaults.has(name) ? 'object' : 'store' };
}

const objectFaults: ReadonlySet<string> = new Set([
  'KeyTooLongError',
  'EntityTooLarge',
  'BadDigest',
  'InvalidDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'ConditionalRequestConflict',
]);

function networkFault({ name, message, systemCode }: Answer, place: Place): S3Failure | undefined {
  const isNetwork =
    name === 'TimeoutError' ||
    name === 'AbortError' ||
    /^E[A-Z_]+$|^UND_ERR|^ERR_TLS|^ERR_SSL|CERT/.test(systemCode ?? '');
  if (!isNetwork || fileCodes.has(systemCode ?? '')) return undefined;
  const to = place.endpoint ?? `S3 in ${place.region}`;
  return store(
    'BUCKET_UNREACHABLE',
    `${to} cannot be reached: ${message || name}`,
    'see that the subnet has a way to S3 (an S3 gateway endpoint is enough) and that publish.endpoint is right',
  );
}

/** System errors that are about a file of ours, not about the network. */
const fileCodes: ReadonlySet<string> = new Set([
  ...[
    'EACCES',
    'EDQUOT',
    'EIO',
    'EISDIR',
    'EMFILE',
    'ENFILE',
    'ENOENT',
    'ENOSPC',
    'EPERM',
    'EROFS',
  ],
]);

function store(code: ErrorCode, message: string, hint: string): S3Failure {
  const retried = `${hint}; it is tried again by itself`;
  return {
    problem: { code, message, hint: code === 'BUCKET_BUSY' ? hint : retried },
    scope: 'store',
  };
}

function firstProblem(error: unknown): Problem {
  const [first] = problemsOf(error);
  return first ?? { code: 'INTERNAL', message: String(error), hint: 'please report it' };
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
