/** Every state of the page, light and dark, wide and narrow, against axe-core's rules. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { clusterOf } from '../../support/cluster-run.ts';
import { violationsOf } from '../../support/page-axe.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import * as cluster from '../../support/page-cluster.ts';
import * as fixture from '../../support/page-fixture.ts';
import { type PageServer, startPageServer } from '../../support/page-server.ts';

let browser: Browser;
let html: string;
let server: PageServer | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  html = await buildPage();
});

afterAll(() => browser.close());

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await server?.close();
});

const nothing = async (): Promise<void> => undefined;

const states: readonly (readonly [
  string,
  () => fixture.PageData,
  string,
  (page: Page) => Promise<void>,
])[] = [
  ['waiting', fixture.waiting, '.awaited', nothing],
  ['idle', fixture.idle, '.command', nothing],
  ['failed', fixture.failed, '.problems', nothing],
  ['running', () => fixture.storefront({ seconds: 104 }), 'canvas', nothing],
  ['finished, a rule missed', fixture.storefront, 'canvas', nothing],
  ['finished, passed', fixture.repaired, 'canvas', nothing],
  [
    'gathering, with a command to paste',
    () => cluster.gathering(4, 2, { lastAnswer: cluster.securityGroupAnswer }),
    '.slots',
    nothing,
  ],
  [
    'a cluster of which one member is silent',
    () =>
      cluster.clusterLoad(
        clusterOf(4, { changed: { 2: { state: 'silent', silentSince: '2026-05-12T12:21:40Z' } } }),
      ),
    'canvas',
    nothing,
  ],
  [
    'a cluster of 200, all shown',
    () => cluster.clusterLoad(clusterOf(200, { changed: { 44: { state: 'lost' } } })),
    'canvas',
    (page) => page.getByRole('button', { name: 'Show all' }).click(),
  ],
  [
    'a part of a cluster',
    () => cluster.clusterLoad(clusterOf(4, { self: 1 })),
    '.part',
    (page) => page.getByRole('button', { name: 'Stop the load' }).click(),
  ],
  ['interrupted, generator suspect', fixture.interrupted, 'canvas', nothing],
  ['an hour of 200 names', fixture.hour, 'canvas', nothing],
  [
    "a name's own charts",
    fixture.storefront,
    'canvas',
    (page) => page.getByRole('button', { name: 'GET /search' }).click(),
  ],
  [
    'asking whether to stop',
    () => fixture.storefront({ seconds: 104 }),
    'canvas',
    (page) => page.getByRole('button', { name: 'Stop the load' }).click(),
  ],
  [
    'two runs',
    fixture.repaired,
    'canvas',
    async (page) => {
      await page.locator('input[type=file]').setInputFiles({
        name: 'summary.json',
        mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify(fixture.storefront().summary)),
      });
      await page.locator('#compare').waitFor();
    },
  ],
  [
    'connection lost',
    () => fixture.storefront({ seconds: 104 }),
    'canvas',
    async (page) => {
      await server?.goAway();
      await page.locator('.lost').waitFor();
    },
  ],
  [
    'logs and files open',
    fixture.storefront,
    'canvas',
    async (page) => {
      await page.locator('#files').waitFor();
      for (const summary of await page.locator('#files summary').all()) await summary.click();
    },
  ],
];

it.each(states)('%s: no violation', async (_, data, ready, prepare) => {
  const given = data();
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    await server?.close();
    server = await startPageServer({
      html,
      data: given,
      files: { 'logs/agent.log': 'started\n', 'report/summary.json': '{}' },
    });
    const { page } = await openPage(browser, { colorScheme, viewport: { width, height: 900 } });
    await page.goto(server.url);
    await page.locator(ready).first().waitFor();
    await prepare(page);
    expect(await violationsOf(page)).toEqual([]);
    await page.context().close();
  }
});
