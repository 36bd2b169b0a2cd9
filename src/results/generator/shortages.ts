/** Errors of an engine that mean that this machine ran out of something. */

import { type Reason, suspect } from './reason.ts';

const shortages: readonly (readonly [RegExp, string])[] = [
  [/emfile|enfile|system_limit/iu, 'the generator ran out of open files'],
  [/eaddrinuse|eaddrnotavail/iu, 'the generator ran out of local ports'],
  [/enobufs|enomem/iu, 'the generator ran out of memory for sockets'],
];

export function isShortage(kind: string): boolean {
  return shortages.some(([pattern]) => pattern.test(kind));
}

export function shortageReasons(
  errors: readonly Readonly<{ kind: string; count: number }>[],
): readonly Reason[] {
  return errors.flatMap(({ kind, count }) => {
    const shortage = shortages.find(([pattern]) => pattern.test(kind));
    return shortage === undefined ? [] : [suspect(`${shortage[1]}: ${count} × ${kind}`)];
  });
}
