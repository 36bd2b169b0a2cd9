import { describe, expect, it } from 'vitest';
import { type S3Failure, S3FailureError } from '../../../src/publish/bucket/s3-errors.ts';
import { type Job, type QueueOptions, runJobs } from '../../../src/publish/upload-queue.ts';

const problem = { code: 'BUCKET_BUSY', message: 'busy', hint: '' } as const;
const storeFault = new S3FailureError({ problem, scope: 'store' }, undefined);

function options(changes: Partial<QueueOptions> = {}): QueueOptions {
  return {
    pace: { parallel: 3, firstMs: 0, capMs: 0, random: () => 0 },
    signal: new AbortController().signal,
    onFileFailure: 'retry',
    onProgress: () => undefined,
    ...changes,
  };
}

/** A job that fails this many times before it succeeds. */
function job(key: string, errors: readonly unknown[], ran: string[] = []): Job {
  const left = [...errors];
  return {
    key,
    async run() {
      ran.push(key);
      if (left.length > 0) throw left.shift();
    },
  };
}

describe('runJobs', () => {
  it('runs every job once where all go well', async () => {
    const ran: string[] = [];
    const jobs = ['a', 'b', 'c', 'd', 'e'].map((key) => job(key, [], ran));
    await runJobs(jobs, options());
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('tries again what failed, and only that', async () => {
    const ran: string[] = [];
    await runJobs(
      [job('a', [], ran), job('b', [storeFault, storeFault], ran), job('c', [], ran)],
      options(),
    );
    expect(ran.filter((key) => key === 'b')).toHaveLength(3);
    expect(ran.filter((key) => key !== 'b').toSorted()).toEqual(['a', 'c']);
  });

  it('starts no further job in a round once the store has failed', async () => {
    const ran: string[] = [];
    const faults: (S3Failure | undefined)[] = [];
    const stop = new AbortController();
    const jobs = Array.from({ length: 50 }, (_, index) => job(`${index}`, [storeFault], ran));
    const onProgress = (_: number, fault: S3Failure | undefined): void => {
      faults.push(fault);
      if (faults.length === 3) stop.abort();
    };
    await expect(runJobs(jobs, options({ onProgress, signal: stop.signal }))).rejects.toThrow();
    expect(ran).toHaveLength(3);
  });

  it('does not let one bad file hold up the others', async () => {
    const ran: string[] = [];
    const bad = job('bad', Array(3).fill(new Error('EACCES')), ran);
    await runJobs([bad, job('a', [], ran), job('b', [], ran)], options());
    expect(ran.slice(0, 3)).toEqual(['bad', 'a', 'b']);
    expect(ran.filter((key) => key === 'bad')).toHaveLength(4);
  });

  it('skips a bad file with the option "leave"', async () => {
    const ran: string[] = [];
    const bad = job('bad', Array(9).fill(new Error('EACCES')), ran);
    await runJobs([bad, job('a', [], ran)], options({ onFileFailure: 'leave' }));
    expect(ran).toEqual(['bad', 'a']);
  });

  it('waits for a random part of a delay after each round that failed', async () => {
    const left: number[] = [];
    let waits = 0;
    const random = (): number => {
      waits += 1;
      return 0;
    };
    const pace = { parallel: 1, firstMs: 60_000, capMs: 60_000, random };
    await runJobs(
      [job('a', Array(5).fill(storeFault))],
      options({ pace, onProgress: (count) => left.push(count) }),
    );
    expect(waits).toBe(5);
    expect(left).toEqual([1, 1, 1, 1, 1, 0]);
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const endless: Job = {
      key: 'x',
      run: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          stop.abort(new Error('enough'));
        }),
    };
    await expect(runJobs([endless], options({ signal: stop.signal }))).rejects.toThrow('enough');
  });
});
