/**
 * What the store requires and what it does not support: learned from its answers, and applied from
 * then on.
 */

import { s3StatusOf } from '../../aws/s3.ts';
import type { Log } from '../../log.ts';
import type { S3Failure } from './s3-errors.ts';

/** A condition of a put: that the key holds nothing, or the object with a certain ETag. */
export type Condition = 'absent' | 'etag';

export type Dialect = Readonly<{
  region(): string;
  sendsChecksums(): boolean;
  does(condition: Condition): boolean;
  leaveOut(condition: Condition): void;
  /**
   * What a failed request taught, so that trying again at once makes sense: that the bucket is in
   * another region, which is followed once, or that checksums are to be sent, or not, other than
   * so far.
   */
  learn(error: unknown, failure: S3Failure): 'region' | 'checksums' | undefined;
}>;

export function createDialect({
  region: firstRegion,
  isAws,
  log,
}: Readonly<{ region: string; isAws: boolean; log: Log }>): Dialect {
  let region = firstRegion;
  let hasFollowed = false;
  // Many stores other than AWS's do not know checksums; some want them.
  let sendsChecksums = isAws;
  let hasSwitched = false;
  const leftOut = new Set<Condition>();
  return {
    region: () => region,
    sendsChecksums: () => sendsChecksums,
    does: (condition) => !leftOut.has(condition),
    leaveOut(condition) {
      log.warn(
        { kind: condition },
        'the store does not support conditional writes; they are left out',
      );
      leftOut.add(condition);
    },
    learn(error, failure) {
      if (failure.region !== undefined && failure.region !== region && !hasFollowed) {
        log.warn(
          { from: region, to: failure.region },
          'the bucket is in another region, which is used now',
        );
        region = failure.region;
        hasFollowed = true;
        return 'region';
      }
      if (!hasSwitched && isUnsupported(error, /checksum|content-md5|trailer|aws-chunked/i)) {
        sendsChecksums = !sendsChecksums;
        hasSwitched = true;
        const told = { problem: failure.problem, withChecksum: sendsChecksums };
        log.warn(told, 'the store rejects the checksums; they are now sent differently');
        return 'checksums';
      }
      return undefined;
    },
  };
}

/** Whether the store answered that it does not support the named feature. */
export function isUnsupported(error: unknown, words: RegExp): boolean {
  const status = s3StatusOf(error);
  return (status === 400 || status === 501) && words.test(String(error));
}
