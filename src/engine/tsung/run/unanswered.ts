/** Recognises a load that got no answer at all, which Tsung itself reports like any other load. */

import type { Problem } from '../../../errors.ts';
import { counted } from '../../../text.ts';
import { errorInWords } from '../output/error-words.ts';
import type { TsungTotals } from './totals.ts';

/** Connection failures caused by this machine: they say nothing about the target. */
const ownFailure = /_(emfile|enfile|eaddrinuse|eaddrnotavail|enobufs|enomem|system_limit)$/;
const maxKinds = 5;

/** Undefined if a request was answered, or none was made. */
export function unansweredProblem(total: TsungTotals): Problem | undefined {
  const users = total('users_count');
  if (users === 0 || total('request') > 0 || total('request_noack') > 0) return undefined;
  const errors = [...total.all].filter(
    ([name, count]) => /^error_(?!abort|unknown)/.test(name) && count > 0 && !ownFailure.test(name),
  );
  const kinds = errors
    .slice(0, maxKinds)
    .map(([name, count]) => `${errorInWords(name)} (${counted(count, 'time')})`);
  const because = kinds.length === 0 ? '' : `: ${kinds.join(', ')}`;
  if (total('connect') === 0 && errors.some(([name]) => name.startsWith('error_connect_'))) {
    const isTls = errors.every(([name]) => name.startsWith('error_connect_tls_'));
    return {
      code: 'TARGET_UNREACHABLE',
      message: `${users === 1 ? 'the only user could not' : `not one of ${counted(users, 'user')} could`} connect to the target${because}`,
      hint: isTls
        ? 'the target is there, but TLS fails: check its certificate, its versions of TLS, and whether its port speaks TLS at all'
        : 'check that it runs, its port, and whether its security group and firewall let this machine in',
    };
  }
  if (total('size_sent') === 0) return undefined;
  return {
    code: 'TARGET_UNANSWERED',
    message: `the target did not answer a single request of ${counted(users, 'user')}${because}`,
    hint: 'it accepts what is sent but sends nothing back in time: check it by hand (curl), and that the load lasts longer than an answer takes',
  };
}
