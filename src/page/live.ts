/** Follows a run on the instance that serves this page; never gives up. */

import type { Summary } from '../report/summary.ts';
import type { MeasurementsTick } from '../results/measurements.ts';
import type { RunState } from '../run/state.ts';

/** `lost`: the page keeps trying. */
export type ConnectionState = 'connecting' | 'open' | 'lost';

type LiveListener = Readonly<{
  run(run: RunState): void;
  summary(summary: Summary): void;
  tick(tick: MeasurementsTick): void;
  connection(connection: ConnectionState): void;
  /** The key is no longer accepted. */
  locked(): void;
}>;

/**
 * While a load runs, something arrives every second: after this long a silence, the connection is
 * dead.
 */
const silenceMs = 15_000;
const longestPauseMs = 8_000;

/** Returns how to stop following. */
export function follow(listener: LiveListener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = 500;
  let running = false;

  function heard(): void {
    clearTimeout(timer);
    if (running) timer = setTimeout(() => void silent(), silenceMs);
  }

  function on<T>(name: string, handle: (data: T) => void): void {
    source?.addEventListener(name, (event: MessageEvent<string>) => {
      pauseMs = 500;
      handle(JSON.parse(event.data));
      heard();
    });
  }

  function connect(): void {
    source = new EventSource('/api/events');
    source.onopen = () => {
      listener.connection('open');
      heard();
    };
    source.onerror = lost;
    on<RunState>('run', (run) => {
      running = run.phase === 'running';
      listener.run(run);
    });
    on('summary', listener.summary);
    on('tick', listener.tick);
  }

  async function silent(): Promise<void> {
    source?.close();
    await retry();
  }

  function lost(): void {
    source?.close();
    clearTimeout(timer);
    listener.connection('lost');
    timer = setTimeout(() => void retry(), pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }

  // An EventSource does not say why it was refused; a plain request does.
  async function retry(): Promise<void> {
    const signal = AbortSignal.timeout(5_000);
    const status = await fetch('/api/run', { signal }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 401 || status === 403) return listener.locked();
    if (status === 200) return connect();
    lost();
  }

  connect();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}
