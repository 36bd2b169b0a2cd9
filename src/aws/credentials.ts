/** The AWS credentials of the instance's role, for the AWS SDK. */

import { OnagerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { inWords } from './http.ts';
import type { Imds } from './imds.ts';

/** What the AWS SDK calls an `AwsCredentialIdentity`. */
export type Credentials = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  /** For temporary credentials, such as a role's. */
  sessionToken?: string;
  expiration?: Date;
}>;

export type CredentialsProvider = () => Promise<Credentials>;

export type RoleCredentials = Required<Credentials>;

type CredentialsOptions = Readonly<{
  imds: Pick<Imds, 'text' | 'json'>;
  log: Log;
  /** Aborted: nothing waits for an answer any more. */
  signal?: AbortSignal;
  /** How long one attempt to get credentials may take. */
  timeoutMs?: number;
  /** Minimum time between two attempts while there is an old set. */
  retryMs?: number;
  now?(): number;
}>;

const minute = 60_000;
const refreshBeforeMs = 15 * minute;
/** How long before the expiry the AWS SDK asks for new ones. */
const sdkWindowMs = 5 * minute;

/**
 * An `AwsCredentialIdentityProvider`. New ones are fetched 15 minutes before the old ones expire;
 * while that fails, the old ones are returned. Throws ROLE_MISSING, ROLE_NOT_READY or
 * IMDS_UNREACHABLE while there are none at all.
 */
export function createCredentials({
  imds,
  log,
  signal = new AbortController().signal,
  timeoutMs = 30_000,
  retryMs = 30_000,
  now = Date.now,
}: CredentialsOptions): () => Promise<RoleCredentials> {
  let current: RoleCredentials | undefined;
  let refreshing: Promise<RoleCredentials> | undefined;
  let retryAtMs = 0;

  async function refresh(): Promise<RoleCredentials> {
    try {
      current = await fetchCredentials(imds, timeoutMs, signal);
      return current;
    } catch (error) {
      if (current === undefined) throw error;
      retryAtMs = now() + retryMs;
      log.warn({ problem: inWords(error) }, 'credentials not refreshed');
      return current;
    }
  }

  const refreshOnce = (): Promise<RoleCredentials> => {
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  return async () => {
    if (current === undefined) return forSdk(await refreshOnce());
    const leftMs = current.expiration.getTime() - now();
    if (leftMs > refreshBeforeMs || now() < retryAtMs) return forSdk(current);
    // A refresh does not fail while there is an old set; while it is valid, no caller waits for the
    // refresh.
    const refreshed = refreshOnce();
    return forSdk(leftMs > 0 ? current : await refreshed);
  };
}

/**
 * The SDK keeps a set until 5 minutes before its expiry: an earlier expiry makes it ask when we
 * refresh.
 */
function forSdk(credentials: RoleCredentials): RoleCredentials {
  const expiresMs = credentials.expiration.getTime();
  return { ...credentials, expiration: new Date(expiresMs - refreshBeforeMs + sdkWindowMs) };
}

async function fetchCredentials(
  imds: Pick<Imds, 'text' | 'json'>,
  timeoutMs: number,
  ended: AbortSignal,
): Promise<RoleCredentials> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(timeoutMs)]);
  const path = 'meta-data/iam/security-credentials/';
  try {
    const list = (await imds.text(path, signal)) ?? '';
    const [role = ''] = list.trim().split('\n');
    if (role === '') {
      throw new OnagerError('ROLE_MISSING', 'the instance has no IAM role', {
        hint: 'launch it with --iam-instance-profile, or attach one: aws ec2 associate-iam-instance-profile',
      });
    }
    return parseCredentials(await imds.json(`${path}${encodeURIComponent(role)}`, signal), role);
  } catch (error) {
    ended.throwIfAborted();
    if (!signal.aborted) throw error;
    const message = `the metadata service gave no credentials within ${timeoutMs / 1_000} s`;
    throw new OnagerError('IMDS_UNREACHABLE', message, {
      hint: 'the agent asks again; see linklocal_allowance_exceeded in: ethtool -S ens5',
    });
  }
}

function parseCredentials(answer: unknown, role: string): RoleCredentials {
  const fields = typeof answer === 'object' && answer !== null ? answer : {};
  const values = new Map<string, unknown>(Object.entries(fields));
  const text = (key: string): string => {
    const value = values.get(key);
    return typeof value === 'string' ? value : '';
  };
  const credentials = {
    accessKeyId: text('AccessKeyId'),
    secretAccessKey: text('SecretAccessKey'),
    sessionToken: text('Token'),
    expiration: new Date(text('Expiration')),
  };
  const isWhole = credentials.accessKeyId !== '' && credentials.secretAccessKey !== '';
  const code = text('Code');
  if (code === 'Success' && isWhole && !Number.isNaN(credentials.expiration.getTime())) {
    return credentials;
  }
  const why = code === 'Success' || code === '' ? 'none' : `"${code}" ${text('Message')}`.trim();
  throw new OnagerError('ROLE_NOT_READY', `no credentials for the role "${role}": ${why}`, {
    hint: 'a role that was just attached takes some seconds; otherwise check that its trust policy names ec2.amazonaws.com',
  });
}
