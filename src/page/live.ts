/** Follows a run on the instance that serves this page; never gives up. */

import type { Summary } from '../report/summary.ts';
import type { MeasurementsTick } from '../results/measurements.ts';
import type { RunState } from '../run/state.ts';

/**
 * `silent`: nothing has come for some seconds, though the connection stands. `lost`: there is none;
 * the page keeps trying.
 */
type ConnectionState = 'connecting' | 'open' | 'silent' | 'lost';

/** `heardMs`: when the instance was last heard, by this machine's clock. */
export type LiveConnection = Readonly<{ state: ConnectionState; heardMs?: number }>;

type LiveListener = Readonly<{
  run(run: RunState): void;
  summary(summary: Summary): void;
  tick(tick: MeasurementsTick): void;
  connection(connection: LiveConnection): void;
  /** The key is no longer accepted. */
  locked(): void;
}>;

/** Something arrives every second. */
const silentMs = 2_200;
/** After such a silence the connection counts as dead. */
const deadMs = 12_000;
const longestPauseMs = 8_000;

export function isDead({ state }: LiveConnection): boolean {
  return state === 'silent' || state === 'lost';
}

/** Returns how to stop following. */
export function follow(listener: LiveListener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = 500;
  let connection: LiveConnection = { state: 'connecting' };

  function tell(state: ConnectionState, heardMs = connection.heardMs): void {
    const isNews = state !== connection.state;
    connection = { state, ...(heardMs === undefined ? {} : { heardMs }) };
    if (isNews) listener.connection(connection);
  }

  function heard(): void {
    tell('open', Date.now());
    listen();
  }

  function listen(isAgain = false): void {
    clearTimeout(timer);
    const dueMs = Date.now() + silentMs;
    timer = setTimeout(() => {
      // This machine slept, or the page was frozen: what has arrived meanwhile is heard first.
      if (!isAgain && Date.now() - dueMs > silentMs) return listen(true);
      if (connection.state !== 'lost') tell('silent');
      timer = setTimeout(() => void silent(), deadMs - silentMs);
    }, silentMs);
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
    source.onopen = heard;
    source.onerror = lost;
    on('run', listener.run);
    on('summary', listener.summary);
    on('tick', listener.tick);
    on('beat', () => undefined);
    listen();
  }

  async function silent(): Promise<void> {
    source?.close();
    tell('lost');
    await retry();
  }

  function lost(): void {
    source?.close();
    clearTimeout(timer);
    tell('lost');
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
