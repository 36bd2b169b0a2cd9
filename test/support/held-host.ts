/**
 * Rehearses one scenario for each way of counting, while the engine's supervisor is stopped right
 * after its claim.
 */

import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { Outcome } from '../../src/engine/engine.ts';
import { readFired } from '../../src/engine/handover/process-file.ts';
import { beginRehearsalOf, finalSummary, isOver, type Rehearsed, until } from './rehearsal.ts';
import { temporaryFolder } from './temporary.ts';
import { portOf, scenario } from './tsung-run.ts';

type Ports = Readonly<{ http: number; raw: number }>;
type Kind = Readonly<{ sessions: (ports: Ports) => string; settings?: string }>;

const http = '<request><http url="/"/></request>';
const session = (content: string, { type = 'ts_http', probability = 100 } = {}): string =>
  `<session name="${type}" probability="${probability}" type="${type}">${content}</session>`;
const raw = ({ raw: port }: Ports): string =>
  `<change_type new_type="ts_raw" host="127.0.0.1" port="${port}" server_type="tcp"/>
   <request><raw data="ping" ack="local"/></request>`;

export const kinds = {
  websocket: {
    sessions: () =>
      session(
        `<request><websocket type="connect" path="/"/></request>
         <request><websocket type="message" ack="parse">hi</websocket></request>
         <request><websocket type="close"/></request>`,
        { type: 'ts_websocket' },
      ),
  },
  http: { sessions: () => session(http) },
  'http and raw': {
    sessions: (ports) =>
      session(http, { probability: 50 }) + session(raw(ports), { type: 'ts_raw', probability: 50 }),
  },
  'http without samples': { sessions: () => session(http), settings: 'samples: false\n' },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof kinds;

export type Held = Readonly<{ served: number; counted: number; outcome: Outcome | undefined }>;

/** Gives what the target served, and what the report says about it. */
export async function rehearseHeld(name: KindName, holdMs: number): Promise<Held> {
  const kind: Kind = kinds[name];
  await using target = await startCountingTarget();
  await using rehearsed = await begin(kind, target.ports);
  await holdHost(rehearsed, holdMs);
  const run = await until(rehearsed, isOver);
  const { totals } = await finalSummary(rehearsed);
  return { served: target.served(), counted: totals.requests, outcome: run.outcome };
}

async function begin({ sessions, settings }: Kind, ports: Ports): Promise<Rehearsed> {
  const source = await temporaryFolder('held');
  const load =
    '<arrivalphase phase="1" duration="2" unit="second"><users arrivalrate="5" unit="second"/></arrivalphase>';
  const text = scenario({ port: ports.http, load, sessions: sessions(ports) });
  await writeFile(join(source, 'tsung.xml'), text);
  if (settings !== undefined) await writeFile(join(source, 'onager.yaml'), settings);
  return await beginRehearsalOf(source);
}

/** Stops the supervisor as soon as its claim is visible, and continues it after a while. */
async function holdHost(rehearsed: Rehearsed, holdMs: number): Promise<void> {
  const { instanceDir } = rehearsed.simulation;
  const { runId } = await until(rehearsed, (run) =>
    existsSync(join(instanceDir, 'runs', run.runId, 'engine')),
  );
  const dir = join(instanceDir, 'runs', runId, 'engine');
  const claimed = new AbortController();
  const watcher = watch(dir, (_, file) => file === 'fired.json' && claimed.abort());
  try {
    if ((await readFired(dir)) === undefined) await once(claimed.signal, 'abort');
  } finally {
    watcher.close();
  }
  const host = Number((await readFired(dir))?.pid);
  process.kill(host, 'SIGSTOP');
  await sleep(holdMs);
  process.kill(host, 'SIGCONT');
}

/**
 * Counts what Tsung calls a request: an answer to HTTP or to raw data, and a WebSocket's opening,
 * messages and closing.
 */
async function startCountingTarget(): Promise<
  AsyncDisposable & Readonly<{ ports: Ports; served: () => number }>
> {
  let served = 0;
  const answered = (): void => {
    served += 1;
  };
  const web = createHttpServer((_, response) => {
    answered();
    response.end('hello');
  });
  new WebSocketServer({ server: web }).on('connection', (socket) => {
    answered();
    socket.on('message', (data) => {
      answered();
      socket.send(data.toString());
    });
    socket.on('close', answered);
  });
  const raw = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      served += data.length / 'ping'.length;
      socket.write('pong');
    });
  });
  const servers: readonly Server[] = [web, raw];
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    ports: { http: portOf(web.address()), raw: portOf(raw.address()) },
    served: () => served,
    async [Symbol.asyncDispose]() {
      web.closeAllConnections();
      for (const server of servers) server.close();
    },
  };
}
