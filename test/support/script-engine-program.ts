/**
 * A load script's program: `node script-engine-program.ts REQUESTS OUT`. Its main process starts a
 * helper, as engines that use several processors do. Each writes half of the requests to its own
 * file. SIGINT makes the main process finish the requests in progress. A second signal, or one to
 * the helper, aborts the run. All signals are recorded.
 */

import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the requests in progress still take after the end is asked for. */
const finishMs = 1_000;

const [, , count = '0', out = '.', role = 'main'] = process.argv;
const stop = new AbortController();
const note = (line: string): void => appendFileSync(join(out, 'signals.log'), `${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    note(`${role} ${signal}`);
    if (signal === 'SIGINT' && !stop.signal.aborted) stop.abort();
    else process.exit(1);
  });
}

async function work(file: string): Promise<void> {
  for (let at = 0; at < Number(count) / 2 && !stop.signal.aborted; at += 1) {
    const row = [Date.now(), 3 + (at % 5), at % 10 === 9 ? 500 : 200, `GET /${file}`];
    appendFileSync(join(out, `samples-${file}.csv`), `${row.join(';')}\n`);
    await sleep(10);
  }
}

if (role === 'helper') {
  process.once('disconnect', () => stop.abort());
  process.once('message', () => stop.abort());
  await work('b');
  process.disconnect?.();
} else {
  const [program = '', ...args] = [process.execPath, process.argv[1] ?? '', count, out, 'helper'];
  const helper = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const gone = new Promise((resolve) => helper.once('exit', resolve));
  await work('a');
  const wasStopped = stop.signal.aborted;
  if (wasStopped) await sleep(finishMs);
  if (wasStopped && helper.connected) helper.send('end');
  await gone;
  note(wasStopped ? 'finished early' : 'finished');
  process.stdout.write('verdict: failed: p95 < 5 ms\n');
  process.exitCode = 99;
}
