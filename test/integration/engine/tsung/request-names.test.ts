/** What the real Tsung makes of requests that are named by their URL as it is written. */

import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../support/temporary.ts';
import {
  type Run,
  type RunOptions,
  runTsungIn,
  scenario,
  startTarget,
} from '../../../support/tsung-run.ts';

const tokens = Array.from({ length: 50 }, (_, number) => `t${String(number).padStart(2, '0')}`);

/** One user, who takes each token of a file in turn. */
const sessions = `<session name="s" probability="100" type="ts_http">
  <for from="1" to="50" var="i">
    <setdynvars sourcetype="file" fileid="tokens" order="iter"><var name="token"/></setdynvars>
    <request subst="true"><http url="/api/items/%%_token%%?page=1"/></request>
    <request subst="true"><http url="/;,a%20&amp;%C3%A4/%%_token%%" method="POST" contents="x"/></request>
    <request subst="true" tag="pay"><http url="/pay/%%_token%%"/></request>
    <request subst="true"><http url="/search?q=%%_token%%"/></request>
    <request><http url="/as-it-is/%%_token%%"/></request>
  </for>
</session>`;

async function run(options: Pick<RunOptions, 'names'>): Promise<Run & { served: number }> {
  await using target = await startTarget();
  const text = scenario({
    port: target.port,
    load: '<arrivalphase phase="1" duration="5" unit="second"><users maxnumber="1" arrivalrate="10" unit="second"/></arrivalphase>',
    sessions,
    options: '<option name="file_server" id="tokens" value="tokens.csv"/>',
  });
  const files = { 'tsung.xml': text, 'tokens.csv': `${tokens.join('\n')}\n` };
  const result = await runTsungIn(await temporaryFolder('names'), { ...options, files });
  expect(result.outcome).toEqual({ kind: 'complete' });
  expect(result.unreadable).toBe(0);
  return { ...result, served: target.served() };
}

const requestsOf = ({ counts }: Run): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...counts]
      .filter(([name]) => name.startsWith('request '))
      .map(([name, count]) => [name.slice('request '.length), count]),
  );

const always = { pay: 50, 'GET /search': 50, 'GET /as-it-is/%%_token%%': 50 };

it('counts all values of a variable as one name, and keeps what a tag says', async () => {
  const result = await run({});
  expect(requestsOf(result)).toEqual({
    ...always,
    'GET /api/items/%%_token%%': 50,
    'POST /;,a%20&%C3%A4/%%_token%%': 50,
  });
  expect(result.served).toBe(250);
});

it('counts each URL by itself where the settings ask for it', async () => {
  const result = await run({ names: 'url' });
  expect(requestsOf(result)).toEqual({
    ...always,
    ...Object.fromEntries(
      tokens.flatMap((token) => [
        [`GET /api/items/${token}`, 1],
        [`POST /;,a%20&%C3%A4/${token}`, 1],
      ]),
    ),
  });
  expect(result.served).toBe(250);
});
