/**
 * The key page in front of the real server: what a visitor without the key sees, and how the key is
 * kept.
 */

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { violationsOf } from '../../support/page-axe.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { storefront } from '../../support/page-fixture.ts';
import { type PageServer, startPageServer } from '../../support/page-server.ts';

const key = 'i-0f3a9c1d2e4b5a678';
const refused = 'console: Failed to load resource: the server responded with a status of';

let browser: Browser;
let html: string;
let server: PageServer;

beforeAll(async () => {
  browser = await launchBrowser();
  html = await buildPage();
});

afterAll(() => browser.close());

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await server.close();
});

async function open(options = {}): Promise<Readonly<{ page: Page; complaints: string[] }>> {
  server = await startPageServer({ html, data: storefront({ seconds: 60 }), key });
  const opened = await openPage(browser, options);
  await opened.page.goto(server.url);
  return opened;
}

async function give(page: Page, text: string): Promise<number> {
  await page.getByLabel('Key', { exact: true }).fill(text);
  const answered = page.waitForResponse((response) => response.url().endsWith('/key'));
  const loaded = page.waitForEvent('load');
  await page.keyboard.press('Enter');
  const response = await answered;
  await loaded;
  return response.status();
}

it('says nothing about the run, takes the key from the keyboard, and shows the run', async () => {
  const { page, complaints } = await open();
  expect(await page.content()).not.toMatch(/storefront|2026|Tsung|Running/);
  expect(await page.title()).toBe('Key · Onager');
  expect(await page.evaluate('document.activeElement.id')).toBe('key');
  expect(await give(page, 'i-0f3a9c1d2e4b5a679')).toBe(401);
  expect(await page.getByRole('alert').textContent()).toBe('That key is wrong.');
  expect(await give(page, ` ${key} `)).toBe(303);
  await page.getByText('Running', { exact: true }).waitFor();
  expect(await page.evaluate('document.cookie')).toBe('');
  expect(complaints.filter((complaint) => !complaint.startsWith(`${refused} 401`))).toEqual([]);
});

it('keeps a viewer who has given the key signed in when the agent restarts', async () => {
  const { page } = await open();
  await give(page, key);
  await page.getByText('Running', { exact: true }).waitFor();
  await server.goAway();
  await page.getByText('The connection to the instance is lost').waitFor();
  await server.comeBack();
  await page.locator('.lost').waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('Running', { exact: true }).waitFor();
});

it('accepts the right key after many wrong ones, and says that there were many', async () => {
  const { page } = await open();
  for (let count = 0; count < 10; count += 1) expect(await give(page, 'guess')).toBe(401);
  expect(await give(page, 'guess')).toBe(429);
  await page.getByText('Too many wrong keys came from this address').waitFor();
  await give(page, key);
  await page.getByText('Running', { exact: true }).waitFor();
});

it.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 390],
] as const)('is accessible: %s, %i px wide', async (colorScheme, width) => {
  const { page } = await open({ colorScheme, viewport: { width, height: 800 } });
  expect(await violationsOf(page)).toEqual([]);
  await give(page, 'x');
  expect(await violationsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
});
