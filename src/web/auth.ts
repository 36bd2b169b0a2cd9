/** Decides who may see the page: by the key, by a cookie in its place, or everyone. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { createRateLimit } from './rate-limit.ts';

/** Who may see the page: those who know the key, or everyone. */
export type PageAccess = Readonly<{ kind: 'public' }> | Readonly<{ kind: 'key'; key: string }>;

/**
 * `open`: may see everything. `early`: who may see it is not known yet. `missing`, `wrong`: no key,
 * or a wrong one. `limited`: a wrong key, after too many wrong ones from this address. The right
 * key is never refused: others may share the address, and any web page can make its visitors send
 * wrong ones. What keeps a key safe is its length, not this limit: an instance id has 68 bits, and
 * a key of one's own has at least 16 characters.
 */
export type AuthResult = 'open' | 'early' | 'missing' | 'wrong' | 'limited';

type Visitor = Readonly<{ ip: string; headers: IncomingHttpHeaders; socket: Socket }>;

export type Auth = Readonly<{
  authenticate(visitor: Visitor): AuthResult;
  authenticateKey(visitor: Visitor, key: string): AuthResult;
  /** Checks the part of a path that replaces the key where a cookie cannot be sent. */
  authenticatePass(visitor: Visitor, pass: string): AuthResult;
  /**
   * The cookie and the part of a path that replace the key. They survive a restart, and do not
   * reveal the key.
   */
  cookie(): string;
  pass(): string;
}>;

export const cookieName = 'onager';

export function createAuth({
  access,
  onKey,
}: {
  /** Undefined while it is not known yet: then no one may see the page. */
  access(): PageAccess | undefined;
  /** Called for each visitor who has the key, or a cookie in its place. */
  onKey(visitor: Visitor): void;
}): Auth {
  const wrongKeys = createRateLimit();
  const secret = (): string => {
    const current = access();
    return current?.kind === 'key' ? current.key : '';
  };
  const derived = (use: string): string =>
    createHmac('sha256', secret()).update(`onager ${use}`).digest('base64url');

  function compare(
    visitor: Visitor,
    given: string | undefined,
    expected: () => string,
  ): AuthResult {
    const current = access();
    if (current === undefined) return 'early';
    if (current.kind === 'public') return 'open';
    if (given === undefined) return 'missing';
    if (!areEqual(given, expected())) return 'wrong';
    onKey(visitor);
    return 'open';
  }

  const auth: Auth = {
    authenticate(visitor) {
      const { authorization, cookie } = visitor.headers;
      const key = keyOf(authorization);
      if (key !== undefined) return auth.authenticateKey(visitor, key);
      return compare(visitor, cookieOf(cookie), auth.cookie);
    },
    authenticateKey(visitor, key) {
      const result = compare(visitor, key, secret);
      if (result !== 'wrong') return result;
      return wrongKeys.count(visitor.ip) ? 'wrong' : 'limited';
    },
    // These are not guesses of the key: a browser sends the cookie of an earlier instance at this
    // address, and any page can request any path.
    authenticatePass: (visitor, pass) => compare(visitor, pass, auth.pass),
    cookie: () => derived('cookie'),
    pass: () => derived('engine report'),
  };
  return auth;
}

/** The key of a bearer token, or the password of any user. */
function keyOf(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function cookieOf(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
function areEqual(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
