/** Two runs side by side, from a file or from the same server. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { reportHtml } from '../../../src/report/html.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { hour, repaired, storefront } from '../../support/page-fixture.ts';
import { type PageServer, startPageServer } from '../../support/page-server.ts';

let browser: Browser;
let html: string;
let server: PageServer;

const before = storefront();

beforeAll(async () => {
  browser = await launchBrowser();
  html = await buildPage();
  server = await startPageServer({
    html,
    data: repaired(),
    files: { 'other.json': JSON.stringify(before.summary) },
  });
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

async function choose(name: string, text: string): Promise<Page> {
  const { page } = await openPage(browser);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Compare…' }).waitFor();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });
  return page;
}

it('shows both runs and the change of each name, from a summary.json', async () => {
  const page = await choose('summary.json', JSON.stringify(before.summary));
  const checkout = page.locator('.compare tbody tr', { hasText: 'checkouttransaction' });
  await checkout.waitFor();
  const cells = await checkout
    .locator('td data')
    .evaluateAll((all) => all.map((element) => Number(element.getAttribute('value'))));
  const then = before.summary.names.find(({ name }) => name === 'checkout');
  const now = repaired().summary.names.find(({ name }) => name === 'checkout');
  expect(cells.slice(0, 4)).toEqual([
    then?.count,
    now?.count,
    then?.latency?.p50Ms,
    now?.latency?.p50Ms,
  ]);
  expect(await checkout.locator('td.good').first().textContent()).toMatch(/^−\d+\s%/);
});

it('reads a report.html too, zipped inside or not', async () => {
  for (const data of [before, hour({ names: 200 })]) {
    const page = await choose('report.html', reportHtml(html, data));
    await page.getByText('Compared with another run').waitFor();
    await page.getByRole('button', { name: 'Close the comparison' }).click();
    expect(await page.locator('#compare').count()).toBe(0);
  }
});

it('takes the other run from a path of the same server', async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(`${server.url}/?with=/files/other.json`);
  await page.getByText('Compared with another run').waitFor();
  expect(complaints).toEqual([]);
});

it('asks no other server, whatever the address says', async () => {
  const { page, complaints } = await openPage(browser);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).host));
  await page.goto(`${server.url}/?with=//evil.example/summary.json`);
  await page.getByText(/must be a path on this server/).waitFor();
  expect(new Set(asked)).toEqual(new Set([new URL(server.url).host]));
  expect(complaints).toEqual([]);
});

it.each([
  ['not JSON', 'hello', /neither a summary.json nor/],
  ['another JSON', '{"a":1}', /not an Onager summary/],
  ['null', 'null', /"the summary" is not an object/],
  ['a page that is not a report', '<!doctype html><p>hello', /not an Onager report/],
  [
    'text where numbers belong',
    JSON.stringify({ ...before.summary, totals: { ...before.summary.totals, requests: '<b>' } }),
    /"totals.requests" is not a number/,
  ],
])('says what is wrong with %s', async (_, text, message) => {
  const page = await choose('summary.json', text);
  await page.getByText(message).waitFor();
  expect(await page.locator('#compare').count()).toBe(0);
});
