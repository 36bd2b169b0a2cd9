/** What the page says about failed requests and a strained generator. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { reportHtml } from '../../../src/report/html.ts';
import type { NameStats } from '../../../src/results/measurements.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { repaired } from '../../support/page-fixture.ts';
import { sloResult } from '../../support/slo.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = await temporaryFolder('failures');
});
afterAll(async () => {
  await browser.close();
});

it('shows the p95 without failures, failures, and the state of the generator', async () => {
  const { run, summary } = repaired();
  const names = summary.names.map(
    (name): NameStats => ({
      ...name,
      ...(name.latency === undefined ? {} : { latency: { ...name.latency, p95OkMs: 5_000 } }),
      ...(name.kind === 'transaction' ? { failed: 3 } : {}),
    }),
  );
  const latency = summary.latency && { ...summary.latency, p95OkMs: 5_000 };
  const reasons = ["the generator's CPU was over 80 % busy for 4 s in a row"];
  const changed = {
    ...summary,
    ...(latency === undefined ? {} : { latency }),
    names,
    generator: { verdict: 'strained', reasons } as const,
    slo: { verdict: 'pass', rules: [sloResult('p95 < 9s', true, { measured: 1_000 })] } as const,
  };
  const path = join(folder, 'report.html');
  await writeFile(path, reportHtml(await buildPage(), { run, summary: changed }));
  const { page, complaints } = await openPage(browser, { offline: true });
  await page.goto(`file://${path}`);

  await page.getByText('Passed, but the generator is strained').waitFor();
  const said = ((await page.locator('.generator').textContent()) ?? '').replaceAll('\u00a0', ' ');
  expect(said).toContain(
    "Generator strained. These numbers may include delays of the generator itself. The generator's CPU was",
  );
  await page.getByText(/^5\ss without failures$/).waitFor();
  const browse = page.locator('.names tbody tr', { hasText: 'browsetransaction' });
  expect(await browse.locator('td small').textContent()).toMatch(/^5,000 ok/);
  expect(await browse.locator('td').nth(9).textContent()).toBe('3');
  expect(complaints).toEqual([]);
});

it('shows the first errors of a kind on demand, and says where nothing is known of them', async () => {
  const { run, summary } = repaired();
  const atMs = Date.UTC(2026, 10, 30, 9, 5, 7, 42);
  const times = { firstMs: atMs, lastMs: atMs + 9_000 };
  const name = 'GET /items/%%_token%%';
  const errors = [
    {
      ...{ kind: 'status 503', count: 1_234, ...times, example: name },
      samples: [
        { atMs, name, status: 503 },
        { atMs: atMs + 5, name: 'pay', status: 503 },
      ],
    },
    {
      ...{ kind: '(other)', count: 1, ...times, example: 'pay' },
      samples: [{ atMs, name: 'pay', reason: 'error_\u202ex' }],
    },
    { kind: 'error_connect_econnrefused', count: 7, ...times },
  ];
  const path = join(folder, 'errors.html');
  await writeFile(path, reportHtml(await buildPage(), { run, summary: { ...summary, errors } }));
  const { page, complaints } = await openPage(browser, { offline: true });
  await page.goto(`file://${path}`);
  const table = page.getByRole('region', { name: 'Errors by kind' });
  expect(await table.locator('summary').allTextContents()).toEqual(['The first 2', 'All 1']);
  expect(await table.getByText('pay').last().isVisible()).toBe(false);
  const rowsOf = async (summaryText: string): Promise<readonly (readonly string[])[]> => {
    const details = table.locator('details', { hasText: summaryText });
    await details.locator('summary').click();
    const rows = await details.locator('tr').all();
    return await Promise.all(rows.map((row) => row.locator('th, td').allInnerTexts()));
  };
  expect(await rowsOf('The first 2')).toEqual([
    ['Time', 'Status', 'Request'],
    ['10:05:07.042', '503', name],
    ['10:05:07.047', '503', 'pay'],
  ]);
  expect(await rowsOf('All 1')).toEqual([
    ['Time', 'Status', 'Request', 'Reason'],
    ['10:05:07.042', '–', 'pay', 'error_\\u202ex'],
  ]);
  await page.getByText('the engine only counts the errors').waitFor();
  expect(complaints).toEqual([]);
});

it('says how to read the figures, and that the state of the generator is unknown', async () => {
  const { run, summary } = repaired();
  const notes = ['4 of 12 users were still under way when the load ended'];
  const generator = { verdict: 'unknown', reasons: [] } as const;
  const path = join(folder, 'notes.html');
  await writeFile(
    path,
    reportHtml(await buildPage(), { run, summary: { ...summary, notes, generator } }),
  );
  const { page, complaints } = await openPage(browser, { offline: true });
  await page.goto(`file://${path}`);
  await page.getByText('4 of 12 users were still under way when the load ended.').waitFor();
  expect(await page.locator('.generator').textContent()).toBe(
    'Generator unknown. Nothing was recorded about the machine that generated the load. ',
  );
  expect(complaints).toEqual([]);
});

it('says of errors what is known, and bytes over the time of the throughput', async () => {
  const { run, summary } = repaired();
  const none = { ...summary.totals, requests: 0, failed: 0, otherErrors: 0, errorShare: 0 };
  const refused = { ...none, otherErrors: 80, errorShare: 1 };
  const some = { ...summary.totals, requests: 100, perSecond: 25, bytesReceived: 8_000 };
  const found = [];
  for (const totals of [none, refused, some]) {
    const path = join(folder, 'totals.html');
    await writeFile(
      path,
      reportHtml(await buildPage(), { run, summary: { ...summary, totals, statuses: {} } }),
    );
    const { page } = await openPage(browser, { offline: true });
    await page.goto(`file://${path}`);
    const figure = page.locator('.numbers > div');
    const read = async (hasText: string) =>
      (
        (await figure.filter({ hasText }).locator('dd > :first-child').textContent()) ?? ''
      ).replaceAll('\u00a0', ' ');
    found.push([await read('Errors'), await read('Received')]);
  }
  expect(found.map(([errors]) => errors).slice(0, 2)).toEqual(['–', '100 %']);
  expect(found[2]?.[1]).toBe('2 kB/s');
});
