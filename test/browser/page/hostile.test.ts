/**
 * Names, errors, files and settings that try to be code: none runs, reaches out or breaks the
 * layout.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { reportHtml } from '../../../src/report/html.ts';
import type { Summary } from '../../../src/report/summary.ts';
import type { RunState } from '../../../src/run/state.ts';
import { escapeUnseen } from '../../../src/text.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { storefront } from '../../support/page-fixture.ts';
import { hostileTexts } from '../../support/page-hostile.ts';
import { startPageServer } from '../../support/page-server.ts';
import { sloRule } from '../../support/slo.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let browser: Browser;
let html: string;
let folder: string;

beforeAll(async () => {
  browser = await launchBrowser();
  html = await buildPage();
  folder = await temporaryFolder('hostile');
});

afterAll(async () => {
  await browser.close();
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

it('is given at least sixty different texts', () => {
  expect(new Set(hostileTexts).size).toBeGreaterThanOrEqual(60);
});

it.each([1280, 390])('runs none of them in a report, %i px wide', async (width) => {
  const path = join(folder, 'report.html');
  const files = hostileTexts.map((text) => ({ key: text, bytes: 1 }));
  const logs = [{ name: hostileTexts[0] ?? '', text: hostileTexts.toReversed().join('\n') }];
  await writeFile(path, reportHtml(html, { ...hostileRun(hostileTexts), files, logs }));
  const { page, complaints } = await openWatched(width);
  await page.goto(`file://${path}`);
  await page.getByText(/Last lines/).click();
  await page.getByText(/^\d+\sfiles, /).click();
  await page.locator('.log', { hasText: '{{7*7}}' }).waitFor();
  await expectUnharmed(page, width);
  expect(complaints).toEqual([]);
});

it('runs none of them live, in a log, or in a comparison', async () => {
  const data = hostileRun(hostileTexts);
  const server = await startPageServer({
    html,
    data,
    files: {
      'logs/agent.log': hostileTexts
        .map((msg) => JSON.stringify({ level: 'info', msg, [msg.slice(0, 40)]: msg }))
        .join('\n'),
      // The page shows the end of a log, so the longest text must not be there.
      'engine/stderr.log': hostileTexts.toReversed().join('\n'),
      ...Object.fromEntries(
        hostileTexts.map((text) => [
          `scenario/${text.slice(0, 900).toWellFormed()}`,
          text.slice(0, 9),
        ]),
      ),
    },
  });
  const { page, complaints } = await openWatched(1280);
  await page.goto(server.url);
  await page.getByText(/Last lines/).click();
  await page.getByText(/^\d+\sfiles, /).click();
  await page.getByRole('button', { name: 'engine/stderr.log' }).click();
  await page.locator('.log', { hasText: '{{7*7}}' }).waitFor();
  await page.locator('input[type=file]').setInputFiles({
    name: 'other.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(data.summary)),
  });
  await page.locator('#compare').waitFor();
  await expectUnharmed(page, 1280);
  expect(complaints).toEqual([]);
  await page.context().close();
  await server.close();
});

it('shows each of them alone as the headline, in the title and as the only name', async () => {
  const server = await startPageServer({ html, data: hostileRun(['first']) });
  const { page, complaints } = await openWatched(390);
  await page.goto(server.url);
  for (const text of hostileTexts) {
    const data = hostileRun([text]);
    server.summary(data.summary);
    server.run(data.run);
    const shown = escapeUnseen(text, 120);
    const heading = shown.trim() === '' ? '(blank)' : shown;
    // A megabyte in a hundred places is more than the server buffers for a viewer: it drops the
    // page, which reconnects.
    await expect.poll(() => page.locator('h1').textContent(), { timeout: 15_000 }).toBe(heading);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  }
  await expectUnharmed(page, 390);
  const letGo = 'console: Failed to load resource: net::ERR_INCOMPLETE_CHUNKED_ENCODING';
  expect(complaints.filter((complaint) => complaint !== letGo)).toEqual([]);
  await page.context().close();
  await server.close();
});

async function openWatched(width: number): Promise<Readonly<{ page: Page; complaints: string[] }>> {
  const opened = await openPage(browser, { viewport: { width, height: 900 } });
  const context: BrowserContext = opened.page.context();
  await context.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => console.log('violation', event.violatedDirective, event.blockedURI))",
  );
  opened.page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') {
      opened.complaints.push(`request: ${request.url().slice(0, 200)}`);
    }
  });
  return opened;
}

/** Opens and hovers over everything, and looks for traces. */
async function expectUnharmed(page: Page, width: number): Promise<void> {
  await page.locator('.names tbody th button').first().click();
  await page.getByRole('dialog').locator('canvas').first().waitFor();
  expect(await page.evaluate('document.querySelector("dialog").scrollWidth <= innerWidth')).toBe(
    true,
  );
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('.errors summary').last().click();
  for (const place of [
    '.names tbody tr',
    '.errors > tbody > tr',
    '.rules li',
    '.settings tbody tr',
    '.members tbody tr',
  ]) {
    await page.locator(place).last().hover();
  }
  expect(await page.evaluate('window.hacked')).toBeUndefined();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  expect(
    await page.locator('script, iframe, object, embed, link, base, form, img, style').count(),
  ).toBe(4);
  const heights = await page
    .locator('.names tbody tr:not(.gap)')
    .evaluateAll((rows) => rows.map((row) => Math.round(row.getBoundingClientRect().height)));
  expect(new Set(heights).size).toBe(1);
}

const model = storefront();

/** Every text from outside replaced by one of these. */
function hostileRun(texts: readonly string[]): Readonly<{ run: RunState; summary: Summary }> {
  const { run, summary } = model;
  const [text = ''] = texts;
  // What members say of themselves is bounded.
  const short: readonly [string, ...string[]] = [
    text.slice(0, 300),
    ...texts.slice(1).map((each) => each.slice(0, 300)),
  ];
  const [stats] = summary.names;
  const problem = (message: string): RunState['problems'][number] => ({
    code: 'USAGE',
    message,
    hint: message,
    where: message,
  });
  if (stats === undefined || run.engine === undefined || run.scenario === undefined) {
    throw new Error('the fixture has lost its names');
  }
  const engine = {
    ...run.engine,
    name: text,
    version: text,
    runtime: text,
    targets: texts,
    loadPhases: texts.map((name, index) => ({ name, startMs: index * 9_000, durationMs: 9_000 })),
    changes: texts.map((what) => ({ what, why: what, where: what })),
  };
  return {
    run: {
      ...run,
      phase: 'finished',
      runId: text,
      engine,
      scenario: { ...run.scenario, name: text, form: text, entry: text },
      settings: texts.map((value) => ({ key: value, value, source: value })),
      warnings: texts.map(problem),
      outcome: { kind: 'interrupted', problem: problem(text) },
      nativeReport: text,
      cluster: {
        ...{ id: short[0], size: short.length, quorum: short.length, self: short[0] },
        ...{ leader: short[0] },
        members: short.map((name, launchIndex) => ({
          ...{ instanceId: name, address: name, page: name, launchIndex, cpus: 2 },
          ...{ state: 'ended', share: 1 / short.length, clockOffsetMs: 900 },
        })),
      },
      publish: { to: text, objects: 1, bytes: 1, pending: 1, whole: false, problem: problem(text) },
    },
    summary: {
      ...summary,
      run: { ...summary.run, id: text },
      loadPhases: engine.loadPhases,
      names: texts.map((name, index) => ({
        ...stats,
        name,
        count: texts.length - index,
        statuses: { [name]: 1 },
      })),
      errors: texts.map((text) => ({
        kind: text,
        count: 1,
        firstMs: 1,
        lastMs: 2,
        example: text,
        samples: [{ atMs: 1, name: text, status: 500, reason: text }],
      })),
      statuses: Object.fromEntries(texts.map((status) => [status, 1])),
      series: {
        ...summary.series,
        errors: Object.fromEntries(texts.map((kind) => [kind, summary.series.failed])),
      },
      slo: {
        verdict: 'fail',
        rules: texts.map((name) => ({
          rule: {
            ...sloRule('p99 < 1s'),
            text: `transaction(${name}).p99 < 1s`,
            scope: { kind: 'transaction', name },
          },
          ok: false,
          measured: 2_000,
        })),
      },
      generator: { verdict: 'suspect', reasons: texts },
      members: short.map((instanceId) => ({
        ...{ instanceId, requests: 1, failed: 1, perSecond: 1 },
        generator: { verdict: 'suspect', reasons: [instanceId] },
      })),
      unreadable: texts.map((file) => ({ file, count: 1, example: file })),
    },
  };
}
