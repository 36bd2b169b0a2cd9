/** Decides who may see the page: by key, by the cookie that stands for it, or everybody. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Attempts, createAttempts } from './attempts.ts';

/** Who may see the page: whoever knows the key, or everybody. */
export type PageAccess = Readonly<{ kind: 'public' }> | Readonly<{ kind: 'key'; key: string }>;

/**
 * `open`: may see everything. `early`: who may see it is not known yet. `missing`, `wrong`: no key, or not the right one.
 * `limited`: too many wrong ones came from this address; a key is not even looked at. Cookie and pass are HMACs, which nobody
 * guesses: who has them goes on.
 */
export type Judgement = 'open' | 'early' | 'missing' | 'wrong' | 'limited';

export type Visitor = Readonly<{ ip: string; headers: IncomingHttpHeaders }>;

export type Gate = Readonly<{
  judge(visitor: Visitor): Judgement;
  judgeKey(visitor: Visitor, key: string): Judgement;
  /** Judges the path part that stands for the key where no cookie can. */
  judgePass(visitor: Visitor, pass: string): Judgement;
  /** The cookie and the path part that stand for the key. They are the same after a restart, and do not give the key away. */
  cookie(): string;
  pass(): string;
}>;

export const cookieName = 'onager';

const unguessable = { guessable: false } as const;

export function createGate({
  access,
  attempts = createAttempts(),
}: {
  /** Undefined: not known yet, so nobody. */
  access(): PageAccess | undefined;
  attempts?: Attempts;
}): Gate {
  const secret = (): string => {
    const current = access();
    return current?.kind === 'key' ? current.key : '';
  };
  const derived = (use: string): string =>
    createHmac('sha256', secret()).update(`onager ${use}`).digest('base64url');

  function judgeAs(
    { ip }: Visitor,
    given: string | undefined,
    expected: () => string,
    { guessable }: Readonly<{ guessable: boolean }>,
  ): Judgement {
    const current = access();
    if (current === undefined) return 'early';
    if (current.kind === 'public') return 'open';
    if (given === undefined) return 'missing';
    if (guessable && attempts.areSpent(ip)) return 'limited';
    if (areEqual(given, expected())) return 'open';
    if (attempts.areSpent(ip)) return 'limited';
    attempts.note(ip);
    return 'wrong';
  }

  const gate: Gate = {
    judge(visitor) {
      const { authorization, cookie } = visitor.headers;
      const key = keyOf(authorization);
      if (key !== undefined) return gate.judgeKey(visitor, key);
      return judgeAs(visitor, cookieOf(cookie), gate.cookie, unguessable);
    },
    judgeKey: (visitor, key) => judgeAs(visitor, key, secret, { guessable: true }),
    judgePass: (visitor, pass) => judgeAs(visitor, pass, gate.pass, unguessable),
    cookie: () => derived('cookie'),
    pass: () => derived('engine report'),
  };
  return gate;
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

/** Takes the same time wherever the two differ, and however long they are. */
function areEqual(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
