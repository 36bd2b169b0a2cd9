/** The report as a file: complete without a network, and silent on the console. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { reportHtml } from '../../../src/report/html.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { hour, storefront } from '../../support/page-fixture.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let browser: Browser;
let template: string;
let folder: string;

beforeAll(async () => {
  browser = await launchBrowser();
  template = await buildPage();
  folder = await temporaryFolder('report');
});

afterAll(async () => {
  await browser.close();
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

async function openReport(
  html: string,
  options = {},
): Promise<Readonly<{ page: Page; complaints: string[] }>> {
  const path = join(folder, 'report.html');
  await writeFile(path, html);
  const opened = await openPage(browser, { offline: true, ...options });
  await opened.page.goto(`file://${path}`);
  return opened;
}

const firstName = '.names tbody th bdi';

describe('a report from disk, offline', () => {
  it('says the verdict and the failing rule in words, and nothing on the console', async () => {
    const { page, complaints } = await openReport(reportHtml(template, storefront()));
    await page.locator('.headline .title').waitFor();
    expect(await page.locator('.headline').textContent()).toMatch(
      /^Failed1 of 4\srules missed: p99 of transaction checkout was [\d.]+\ss, not under 2\ss\.$/,
    );
    expect(await page.locator('canvas').count()).toBe(7);
    expect(await page.title()).toBe('✗ storefront · Failed · Onager');
    expect(complaints).toEqual([]);
  });

  it('shows the figures of the summary to the digit', async () => {
    const data = storefront();
    const { page } = await openReport(reportHtml(template, data));
    const exact = await page
      .locator('.numbers dd > data')
      .evaluateAll((all) => all.map((element) => Number(element.getAttribute('value'))));
    const { totals, latency } = data.summary;
    expect(exact.slice(0, 6)).toEqual([
      totals.perSecond,
      latency?.p50Ms,
      latency?.p95Ms,
      latency?.p99Ms,
      totals.errorShare,
      totals.usersPeak,
    ]);
  });

  it('sorts the table by any column, both ways', async () => {
    const { page } = await openReport(reportHtml(template, storefront()));
    await page.getByRole('button', { name: 'p99.9' }).click();
    expect(await page.locator(firstName).first().textContent()).toBe('checkout');
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    await page.getByRole('button', { name: 'p99.9' }).click();
    expect(await page.locator(firstName).first().textContent()).toBe('GET /');
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    expect(await page.locator(firstName).first().textContent()).toBe('browse');
  });

  it('filters by name and by kind', async () => {
    const { page } = await openReport(reportHtml(template, storefront()));
    await page.getByLabel('Filter by name').fill('CHECK');
    expect(await page.locator(firstName).allTextContents()).toEqual(['checkout', 'GET /checkout']);
    await page.getByLabel('Kind', { exact: true }).selectOption('transaction');
    expect(await page.locator(firstName).allTextContents()).toEqual(['checkout']);
    await page.getByLabel('Filter by name').fill('no such name');
    expect(await page.locator('.names tbody').textContent()).toBe('No name matches.');
  });

  it("opens a name's own charts by keyboard, and closes them again", async () => {
    const { page, complaints } = await openReport(reportHtml(template, storefront()));
    await page.getByRole('button', { name: 'POST /order' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.locator('canvas').count()).toBe(2);
    expect(await dialog.locator('h2').textContent()).toBe('POST /order');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('zooms all charts together, by dragging and by keyboard, and back', async () => {
    const { page } = await openReport(reportHtml(template, storefront()));
    const plot = page.locator('#charts .u-over').first();
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the chart is not in sight');
    await page.mouse.move(box.x + 100, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 60, { steps: 5 });
    await page.mouse.up();
    const back = page.getByRole('button', { name: /Show all/ });
    await back.waitFor();
    await back.click();
    await back.waitFor({ state: 'detached' });
    await page.locator('#charts .plot').nth(2).focus();
    await page.keyboard.press('ArrowLeft');
    const readouts = page.locator('#charts .readout', { hasText: /^\d\d:\d\d:\d\d · 2:59$/ });
    await expect.poll(() => readouts.count()).toBe(7);
    await page.keyboard.press('+');
    await back.waitFor();
    await page.keyboard.press('0');
    await back.waitFor({ state: 'detached' });
  });

  it('switches the response times to a logarithmic scale', async () => {
    const { page, complaints } = await openReport(reportHtml(template, storefront()));
    await page.getByRole('button', { name: 'Log', exact: true }).click();
    expect(
      await page.getByRole('button', { name: 'Log', exact: true }).getAttribute('aria-pressed'),
    ).toBe('true');
    expect(await page.locator('#charts canvas').count()).toBe(7);
    expect(complaints).toEqual([]);
  });
});

describe('a report of an hour and many names', () => {
  it('is at most 600 KB with 200 names, and takes less than a second of a processor to draw', async () => {
    const html = reportHtml(template, hour({ names: 200 }));
    expect(html.length).toBeLessThanOrEqual(600_000);
    const { page } = await openPage(browser, { offline: true });
    const path = join(folder, 'hour.html');
    await writeFile(path, html);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(`file://${path}`);
    await page.locator('canvas').first().waitFor();
    const { metrics } = await cdp.send('Performance.getMetrics');
    const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value;
    expect(seconds).toBeGreaterThan(0.05);
    expect(seconds).toBeLessThan(1);
  });

  it('keeps only the visible rows of a thousand names in the document', async () => {
    const { page } = await openReport(reportHtml(template, hour({ names: 1_000 })));
    await page.locator(firstName).first().waitFor();
    expect(await page.locator('.names tbody tr').count()).toBeLessThan(60);
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await page.locator('.table.windowed').evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await page.getByText('resource-0999').waitFor();
    expect(await page.locator('.names').getAttribute('aria-rowcount')).toBe('1001');
  });

  it('puts every row on paper', async () => {
    const { page } = await openReport(reportHtml(template, hour({ names: 100 })));
    await page.locator(firstName).first().waitFor();
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.getByText('resource-0099').waitFor();
    expect(await page.locator('.names tbody tr').count()).toBe(100);
  });
});

describe('files beside the report', () => {
  const files = [{ key: 'logs/agent.log', bytes: 12, source: 'logs/agent.log' }];

  it('are links in the run folder, and names elsewhere', async () => {
    const data = storefront();
    const report = reportHtml(template, { ...data, files });
    const runFolder = join(folder, data.run.runId);
    await mkdir(join(runFolder, 'report'), { recursive: true });
    await mkdir(join(runFolder, 'logs'));
    await writeFile(join(runFolder, 'report', 'report.html'), report);
    await writeFile(join(runFolder, 'logs', 'agent.log'), 'phase=running');
    const { page, complaints } = await openPage(browser, { offline: true });
    await page.goto(`file://${join(runFolder, 'report', 'report.html')}`);
    await page.getByText('1 file', { exact: false }).first().click();
    await page.getByRole('link', { name: 'logs/agent.log' }).click();
    await page.getByText('phase=running').waitFor();
    expect(complaints).toEqual([]);

    const { page: alone } = await openReport(report);
    await alone.getByText('1 file', { exact: false }).first().click();
    await alone.locator('.files').getByText('logs/agent.log').waitFor();
    expect(await alone.locator('.files a').count()).toBe(0);
  });
});

describe('rules in the charts', () => {
  it('are lines with their limits, also in the charts of a name', async () => {
    const { page } = await openReport(reportHtml(template, storefront()));
    const legend = page.locator('#charts .legend');
    await legend.getByText('p95 < 300 ms').waitFor();
    await legend.getByText('errors < 1 %').waitFor();
    await legend.getByText('throughput > 50/s').waitFor();
    await page.getByRole('button', { name: 'checkout', exact: true }).click();
    const missed = page.getByRole('dialog').locator('.legend li', { hasText: 'p99 < 2 s' });
    expect(await missed.textContent()).toBe('p99 < 2 smissed');
  });
});

describe("the generator's own delay", () => {
  it('stands below the percentiles, and has a chart', async () => {
    const { page, complaints } = await openReport(reportHtml(template, storefront()));
    const figures = page.locator('.numbers > div', { hasText: "The generator's own delay" });
    expect((await figures.textContent())?.replaceAll('\u00a0', ' ')).toMatch(
      /^The generator's own delayp50 [\d.]+ µs, p99 [\d.]+ (µs|ms), max [\d.]+ ms/,
    );
    const chart = page.locator('figure', { hasText: 'Generator: its own delay' });
    expect(await chart.locator('.legend .name').allTextContents()).toEqual([
      'Max',
      'Mean',
      'Processes waiting',
    ]);
    await chart.locator('.plot').focus();
    await page.keyboard.press('End');
    await expect.poll(() => chart.locator('.legend b').first().textContent()).toMatch(/\d/);
    expect(complaints).toEqual([]);
  });

  it('is not shown where it was not measured', async () => {
    const { run, summary } = storefront();
    const { delay: _, ...generator } = summary.generator;
    const untold = summary.series.requests.map(() => null);
    const series = {
      ...summary.series,
      ...{ delayMeanMs: untold, delayMaxMs: untold, runQueueMean: untold, runQueueMax: untold },
    };
    const data = { run, summary: { ...summary, generator, series } };
    const { page } = await openReport(reportHtml(template, data));
    await page.getByText('Generator: CPU and memory').waitFor();
    expect(await page.getByText('own delay').count()).toBe(0);
  });
});

describe('a transaction', () => {
  it('receives nothing itself, so nothing is said of it', async () => {
    const { page } = await openReport(reportHtml(template, storefront()));
    const received = page.getByRole('dialog').getByText('Received', { exact: true });
    await page.getByRole('button', { name: 'checkout', exact: true }).click();
    await page.getByRole('dialog').getByText('Error share').waitFor();
    expect(await received.count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'POST /order', exact: true }).click();
    await received.waitFor();
  });
});

describe('times', () => {
  it('say once in which zone they are, and how far that is from UTC', async () => {
    const { page } = await openReport(reportHtml(template, storefront()));
    await page.getByText('(Europe/Madrid, UTC+02:00)').waitFor();
    const { page: other } = await openReport(reportHtml(template, storefront()), {
      timezoneId: 'UTC',
    });
    await other.locator('footer', { hasText: /times are in UTC$/ }).waitFor();
  });
});

describe('on a narrow screen', () => {
  it('has a way to each section, all in sight', async () => {
    const { page } = await openReport(reportHtml(template, { ...storefront(), files: [] }), {
      viewport: { width: 390, height: 800 },
    });
    const links = page.getByRole('navigation').getByRole('link');
    expect(await links.allTextContents()).toEqual([
      'Charts',
      'Requests',
      'Whole run',
      'Errors',
      'Details',
      'Files',
    ]);
    const box = await links.last().boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 390)).toBeLessThan(390);
    await links.nth(2).click();
    await expect
      .poll(async () => Math.round((await page.locator('#distribution').boundingBox())?.y ?? 0))
      .toBeGreaterThan(90);
    expect((await page.locator('#distribution').boundingBox())?.y).toBeLessThan(130);
  });

  it('shows the names of transactions whole', async () => {
    const { page } = await openReport(reportHtml(template, storefront()), {
      viewport: { width: 390, height: 800 },
    });
    const name = page.locator('.names bdi', { hasText: /^checkout$/ });
    expect(await name.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    expect((await name.boundingBox())?.width).toBeGreaterThan(50);
  });

  it('is never wider than 390 px', async () => {
    const { page } = await openReport(reportHtml(template, storefront()), {
      viewport: { width: 390, height: 800 },
    });
    await page.locator('canvas').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
