/**
 * Publishes the run folder to S3, during the run and at its end. Does nothing without a place to
 * publish to.
 */

import type { PublishSettings, Settings } from '../../settings/settings.ts';
import type { Run } from '../run.ts';

/** How long an instance that outlives its lifetime keeps trying. */
const leastDeadlineMs = 10 * 60_000;

/**
 * Keeps run.json, the results and the engine's files in the bucket up to date until the signal is
 * aborted. Never rejects: the run matters more.
 */
export async function publishLive(
  run: Run,
  { publish }: Settings,
  signal: AbortSignal,
): Promise<void> {
  if (publish === undefined) return;
  try {
    const publisher = await createPublisherFor(run, publish);
    await publisher.live(signal);
  } catch (error) {
    if (!signal.aborted) run.log.error({ err: error }, 'publishing during the run failed');
  }
}

/**
 * Publishes everything, the manifest last. `beforeSeal` runs when only run.json, the report and the
 * manifest are missing. Keeps trying until the instance's lifetime ends, including extensions.
 */
export async function publishAll(
  run: Run,
  publish: PublishSettings,
  beforeSeal: () => Promise<void>,
): Promise<void> {
  const { now, signal, store } = run;
  const leftMs = (): number =>
    Date.parse(store.current().lifetime?.endsAt ?? '') - now().getTime() || 0;
  const publisher = await createPublisherFor(run, publish);
  do {
    const deadlineMs = Math.max(leftMs(), leastDeadlineMs);
    await publisher.finish(signal, { deadlineMs, beforeSeal });
  } while (!publisher.info().whole && leftMs() > 0);
  await store.note({ publish: publisher.info() });
}

// Loading the SDK takes a large part of a second, so it is loaded only when needed.
async function createPublisherFor(run: Run, settings: PublishSettings) {
  const { createPublisher } = await import('../../publish/publisher.ts');
  return createPublisher({
    folder: run.folder,
    runId: run.store.current().runId,
    settings,
    credentials: run.credentials,
    defaultRegion: run.instance.region,
    log: run.log.child({ stage: 'publish' }),
    now: run.now,
    onChange: (publish) => {
      void run.store.note({ publish });
    },
  });
}
