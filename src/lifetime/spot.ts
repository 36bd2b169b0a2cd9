/** Watches for the notice that EC2 will interrupt this spot instance. */

import { OnagerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';

type SpotOptions = Readonly<{
  /** One attempt to read from the metadata service; undefined: it has nothing at this path. */
  peek(path: string, signal: AbortSignal): Promise<string | undefined>;
  /** Called at most once, and last. */
  onInterruption(reason: OnagerError): void;
  /** Called at most once. */
  onRebalance(reason: OnagerError): void;
  log: Log;
  /** AWS recommends a check every 5 seconds. */
  everyMs?: number;
}>;

const notice = 'meta-data/spot/instance-action';
const recommendation = 'meta-data/events/recommendations/rebalance';

/** Resolves when EC2 takes the instance back, or when the signal is aborted. */
export async function watchSpot(options: SpotOptions, signal: AbortSignal): Promise<void> {
  const { everyMs = 5_000, log, onInterruption, onRebalance } = options;
  const read = async (path: string): Promise<Record<string, unknown> | undefined> => {
    try {
      const text = await options.peek(path, signal);
      return text === undefined ? undefined : parse(text);
    } catch (error) {
      // The next check is seconds away, and a broken service must not end a run.
      if (!signal.aborted) log.debug({ err: error, path }, 'could not check for spot notices');
      return undefined;
    }
  };
  let isWarned = false;
  while (!signal.aborted) {
    const [action, rebalance] = await Promise.all([read(notice), read(recommendation)]);
    if (signal.aborted) return;
    if (typeof action?.['action'] === 'string') {
      onInterruption(interruption(action['action'], action['time']));
      return;
    }
    if (rebalance !== undefined && !isWarned) {
      isWarned = true;
      onRebalance(warning(rebalance['noticeTime']));
    }
    await wait(everyMs, signal).catch(() => undefined);
  }
}

function interruption(action: string, time: unknown): OnagerError {
  const verb = action === 'hibernate' ? 'hibernates' : `${action}s`;
  return new OnagerError(
    'SPOT_INTERRUPTION',
    `EC2 ${verb} this spot instance${isTime(time) ? ` at ${time}` : ''}`,
    {
      hint: 'what was measured until the notice is reported; launch again, or use an on-demand instance',
    },
  );
}

function warning(time: unknown): OnagerError {
  const since = isTime(time) ? `, announced at ${time}` : '';
  return new OnagerError(
    'SPOT_REBALANCE',
    `this spot instance runs a higher risk of being taken back${since}`,
    { hint: 'the run goes on; if the notice comes, what was measured is reported' },
  );
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^[\dT:.Z+-]{1,40}$/.test(value);
}

/** Undefined for anything but an object: a proxy's error page is not a notice. */
function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
