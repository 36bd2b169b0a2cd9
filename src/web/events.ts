/**
 * Server-sent events: each message is made once for all viewers, and a viewer that reads too slowly
 * is disconnected.
 */

import type { ServerResponse } from 'node:http';
import type { ResultsReader } from '../report/reader.ts';
import type { RunStateReader } from '../run/state.ts';

export type EventsOptions = Readonly<{
  state: RunStateReader;
  results: ResultsReader;
  maxViewers?: number;
  /** How many bytes may wait for a viewer, on top of those it gets at first. */
  maxWaitingBytes?: number;
  /** A viewer that hears nothing for longer knows that something is wrong. */
  heartbeatMs?: number;
  /** Changes of the state within this time are sent as one. */
  gatherMs?: number;
}>;

export type Events = Readonly<{
  isFull(): boolean;
  /** Sends the current state, then each newer one, until the viewer disconnects. */
  attach(response: ServerResponse): void;
  /** The newest summary as JSON, created once for all who request it. */
  summaryJson(): Buffer | undefined;
  close(): void;
}>;

export function createEvents({
  state,
  results,
  maxViewers = 64,
  maxWaitingBytes = 1024 ** 2,
  heartbeatMs = 1_000,
  gatherMs = 100,
}: EventsOptions): Events {
  /** Each viewer, and how many bytes may wait for it. */
  const viewers = new Map<ServerResponse, number>();
  let summary: Buffer | undefined;
  /** Set while a change of the state waits to be sent. */
  let gathering: NodeJS.Timeout | undefined;
  /** The state that every viewer has. */
  let sent: string | undefined;

  function sendAll(message: Buffer): void {
    for (const [response, limit] of viewers) {
      if (response.writableLength > limit) response.destroy();
      else response.write(message);
    }
  }

  function summaryJson(): Buffer | undefined {
    const current = summary === undefined ? results.summary() : undefined;
    if (current !== undefined) summary = Buffer.from(JSON.stringify(current));
    return summary;
  }

  /** Before any other event, so that viewers hear of everything in its order. */
  function sendState(): void {
    clearTimeout(gathering);
    gathering = undefined;
    const json = JSON.stringify(state.current());
    if (json === sent) return;
    sent = json;
    sendAll(event('run', json));
  }

  const unsubscribeState = state.subscribe(() => {
    if (viewers.size > 0) gathering ??= setTimeout(sendState, gatherMs).unref();
  });
  const unsubscribeResults = results.subscribe((told) => {
    summary = undefined;
    if (viewers.size === 0) return;
    if (gathering !== undefined) sendState();
    if (told.type === 'tick') {
      sendAll(event('tick', JSON.stringify(told.tick)));
      return;
    }
    const json = summaryJson();
    if (json !== undefined) sendAll(event('summary', json));
  });
  const heartbeat = setInterval(() => sendAll(event('beat', '{}')), heartbeatMs).unref();

  return {
    isFull: () => viewers.size >= maxViewers,
    attach(response) {
      sendState();
      const json = summaryJson();
      const past = Buffer.concat([
        Buffer.from('retry: 2000\n\n'),
        event('run', JSON.stringify(state.current())),
        json === undefined ? Buffer.alloc(0) : event('summary', json),
      ]);
      viewers.set(response, past.length + maxWaitingBytes);
      response.on('close', () => viewers.delete(response));
      response.on('error', () => viewers.delete(response));
      response.write(past);
    },
    summaryJson,
    close() {
      clearInterval(heartbeat);
      unsubscribeState();
      unsubscribeResults();
      if (gathering !== undefined) sendState();
      for (const response of viewers.keys()) response.end();
    },
  };
}

function event(name: string, json: string | Buffer): Buffer {
  // JSON has no line breaks, so one data line is enough.
  return Buffer.concat([
    Buffer.from(`event: ${name}\ndata: `),
    Buffer.from(json),
    Buffer.from('\n\n'),
  ]);
}
