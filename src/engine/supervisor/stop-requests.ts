/** How the supervisor is asked to stop its engine early: by signals. */

/**
 * SIGTERM, SIGINT and the given signal request an early end. SIGHUP is ignored: the run outlives
 * its terminal.
 */
export function stopRequests(
  given: AbortSignal | undefined,
): Disposable & Readonly<{ signal: AbortSignal }> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const ignore = (): void => undefined;
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', ignore);
  return {
    signal: given === undefined ? controller.signal : AbortSignal.any([given, controller.signal]),
    [Symbol.dispose]() {
      process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', ignore);
    },
  };
}
