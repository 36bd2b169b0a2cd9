/** The files of a report: what report.html includes of the run's other files. */

import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readLogTails } from '../../../src/report/log-tails.ts';
import { readFinalSummary, writeReport } from '../../../src/report/write.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { now, state, summaryOf } from './fixture.ts';

const template = '<script type="application/json" id="onager-data">{"live":true}</script>';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder('write');
});

async function file(key: string, content: string | Buffer) {
  const path = join(folder, key.replaceAll('/', '_'));
  await writeFile(path, content);
  return { key, path, bytes: Buffer.byteLength(content) };
}

describe('report.html', () => {
  it('lists the other files and holds the last lines of the logs', async () => {
    const log = await file('logs/agent.log', 'one\ntwo\n');
    const others = [await file('raw/tsung.dump', 'rows'), await file('report.html', 'old')];
    const paths = {
      summaryJson: join(folder, 'summary.json'),
      reportHtml: join(folder, 'new.html'),
      junitXml: join(folder, 'junit.xml'),
    };
    await writeReport(paths, {
      state,
      measurements: undefined,
      // Lists them only once the other two reports are there.
      listFiles: async () => {
        await readFile(paths.summaryJson);
        await readFile(paths.junitXml);
        return [log, ...others];
      },
      pageTemplate: template,
      now,
    });
    const html = await readFile(paths.reportHtml, 'utf8');
    const data = JSON.parse(html.slice(html.indexOf('>') + 1, html.lastIndexOf('<')));
    expect(data.files).toEqual([
      { key: 'logs/agent.log', bytes: 8 },
      { key: 'raw/tsung.dump', bytes: 4 },
    ]);
    expect(data.logs).toEqual([{ name: 'logs/agent.log', text: 'one\ntwo' }]);
  });
});

describe('the summary that an earlier process left', () => {
  const whole = JSON.stringify(summaryOf());

  it('is read back', async () => {
    const { path } = await file('summary.json', whole);
    expect(await readFinalSummary(path)).toEqual(JSON.parse(whole));
  });

  it.each([
    ['is torn', whole.slice(0, -20)],
    ['comes from another program', '{"schema":"onager.summary/1","final":true}'],
    ['comes from a version without a field', whole.replace('"totals"', '"sums"')],
    ['is of mid-run', whole.replace('"final":true', '"final":false')],
  ])('counts as none where it %s', async (_, content) => {
    const { path } = await file('summary.json', content);
    expect(await readFinalSummary(path)).toBeUndefined();
  });

  it('counts as none where there is no file', async () => {
    expect(await readFinalSummary(join(folder, 'summary.json'))).toBeUndefined();
  });
});

describe('the last lines of a log', () => {
  it.each([
    ['nothing', '', ''],
    ['300 lines', 'x\n'.repeat(300), 'x\n'.repeat(200).trimEnd()],
    ['one long line', 'y'.repeat(100_000), 'y'.repeat(24_000)],
    ['one long line with its end', `${'y'.repeat(100_000)}\n`, 'y'.repeat(23_999)],
    ['half a line first', `${'a'.repeat(30_000)}\nb\nc\n`, 'b\nc'],
  ])('of %s', async (_, content, text) => {
    expect(await readLogTails([await file('logs/a.log', content)])).toEqual([
      { name: 'logs/a.log', text },
    ]);
  });

  it('are text whatever is in it', async () => {
    const [tail] = await readLogTails([
      await file('logs/a.log', Buffer.from([0xff, 0xfe, 0x00, 0x41])),
    ]);
    expect(tail?.text).toBe('\ufffd\ufffd\0A');
  });

  it('are of logs only, of at most eight, and never through a link', async () => {
    const secret = await file('secret', 'secret');
    await symlink(secret.path, join(folder, 'link'));
    const link = { key: 'logs/link.log', path: join(folder, 'link'), bytes: 1 };
    const gone = { key: 'logs/gone.log', path: join(folder, 'gone'), bytes: 1 };
    const logs = await Promise.all(
      Array.from({ length: 9 }, (_, at) => file(`logs/${at}.log`, `${at}`)),
    );
    expect(await readLogTails([secret, link, gone, ...logs])).toEqual([
      { name: 'logs/link.log', text: 'not read: it is a link' },
      ...logs.slice(0, 6).map(({ key }, at) => ({ name: key, text: `${at}` })),
    ]);
  });
});
