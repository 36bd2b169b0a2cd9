/**
 * One figure in four places: the page, the report, summary.json and junit.xml agree to the digit,
 * for a fixture and for a real run.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { SaxesParser } from 'saxes';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { reportHtml } from '../../../src/report/html.ts';
import { junitXml } from '../../../src/report/junit.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { describeMeasured } from '../../../src/slo/format.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { storefront } from '../../support/page-fixture.ts';
import { beginRehearsal, isOver, until } from '../../support/rehearsal.ts';
import { sloResult } from '../../support/slo.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = await temporaryFolder('agree');
});

afterAll(async () => {
  await browser.close();
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

it('a report, summary.json and junit.xml agree', async () => {
  const { run, summary: before } = storefront();
  const windowed = sloResult('p95 < 300ms over 30s', false, {
    measured: 412,
    worstAtMs: Date.UTC(2026, 4, 12, 12, 21, 39),
    windowMs: 30_000,
  });
  const unmeasured = sloResult('request(none).p99 < 1s', false);
  const slo = { ...before.slo, rules: [...before.slo.rules, windowed, unmeasured] };
  const summary = { ...before, slo };
  const path = join(folder, 'report.html');
  await writeFile(path, reportHtml(await buildPage(), { run, summary }));
  const page = await opened(`file://${path}`);
  await expectAgreement(page, summary, junitXml(summary));
});

it('the page of a run that just ended, its report, summary.json and junit.xml agree', {
  timeout: 180_000,
}, async () => {
  const rules = [
    'p95 < 2s',
    'p99 < 1ms',
    'errors <= 100% over 2s',
    'max < 1ms over 2s',
    'throughput > 0/s over 3s',
    'transaction(login).p50 < 2s',
    'request(none).p50 < 2s',
  ];
  const settings = `slo:\n${rules.map((rule) => `  - "${rule}"\n`).join('')}`;
  await using rehearsed = await beginRehearsal({ seconds: 6, settings });
  const { simulation } = rehearsed;
  const run = await until(rehearsed, isOver);
  const report = (name: string): string =>
    join(simulation.instanceDir, 'runs', run.runId, 'report', name);
  const summary: Summary = JSON.parse(await readFile(report('summary.json'), 'utf8'));
  const junit = await readFile(report('junit.xml'), 'utf8');
  expect(summary.slo.rules.map(({ rule }) => rule.text)).toEqual(rules);
  expect(summary.slo.rules[3]?.windowMs).toBe(2_000);
  expect(summary.machine?.kernel).toMatch(/^Linux /);

  const file = await opened(`file://${report('report.html')}`);
  await expectAgreement(file, summary, junit);
  await file.getByText(/^\d+\sfiles, /).click();
  await file.getByText('junit.xml', { exact: true }).waitFor();
  await file.getByText('Last lines of the logs').click();
  await file.locator('.log', { hasText: 'phase phase=running' }).waitFor();

  const page = await opened(`http://127.0.0.1:${await simulation.port()}/`);
  await page.getByLabel('Key', { exact: true }).fill(simulation.identity.instanceId);
  await page.keyboard.press('Enter');
  await expectAgreement(page, summary, junit);
});

async function opened(url: string): Promise<Page> {
  const { page } = await openPage(browser, { timezoneId: 'UTC' });
  await page.goto(url);
  return page;
}

async function expectAgreement(page: Page, summary: Summary, junit: string): Promise<void> {
  const { latency, slo, totals } = summary;
  await page.locator('.rules li').first().waitFor();
  const told = slo.rules.map((result) => ({
    rule: result.rule.text,
    ok: result.ok,
    measured: result.measured === undefined ? undefined : describeMeasured(result),
  }));

  expect(slo.verdict).not.toBe('pending');
  const title = { pass: /^Passed/, fail: /^Failed$/, none: /^Complete$/, pending: /^$/ }[
    slo.verdict
  ];
  expect(await page.locator('.headline .title').textContent()).toMatch(title);
  expect(await rulesOf(page)).toEqual(told);
  expect(casesOf(junit)).toEqual(told);

  const exact = await valuesOf(page, '.numbers dd > data');
  const { p50Ms, p95Ms, p99Ms } = latency ?? {};
  expect(exact.slice(0, 6)).toEqual([
    totals.perSecond,
    ...[p50Ms, p95Ms, p99Ms],
    totals.errorShare,
    totals.usersPeak,
  ]);
  const errors = await page.locator('.numbers div').nth(4).locator('.note').textContent();
  const [failed, all] = [totals.failed, totals.requests].map((count) => count + totals.otherErrors);
  expect(errors).toBe(`${failed?.toLocaleString('en-US')} of ${all?.toLocaleString('en-US')}`);

  const kinds = page.getByLabel('Kind', { exact: true });
  if ((await kinds.count()) > 0) await kinds.selectOption('all');
  const rows = await page.locator('.names tbody tr').evaluateAll((all) =>
    all.map((row) => ({
      name: row.querySelector('th bdi')?.textContent,
      figures: [...row.querySelectorAll('data')].map((cell) => Number(cell.value)),
    })),
  );
  const expected = summary.names.map(({ name, count, failed: bad, perSecond, latency: its }) => ({
    name,
    figures: [
      ...[count, perSecond],
      ...(its === undefined
        ? []
        : [its.meanMs, its.p50Ms, its.p90Ms, its.p95Ms, its.p99Ms, its.p999Ms, its.maxMs]),
      ...(bad === undefined ? [] : [bad, bad / count]),
    ],
  }));
  const byName = (a: (typeof expected)[number], b: (typeof expected)[number]): number =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
  expect(rows.map((row) => ({ ...row, name: row.name ?? '' })).toSorted(byName)).toEqual(
    expected.toSorted(byName),
  );
}

function valuesOf(page: Page, selector: string): Promise<number[]> {
  return page
    .locator(selector)
    .evaluateAll((all) => all.map((element) => Number(element.getAttribute('value'))));
}

type Told = Readonly<{ rule: string; ok: boolean; measured: string | undefined }>;

async function rulesOf(page: Page): Promise<readonly Told[]> {
  const rules = await page.locator('.rules li').evaluateAll((all) =>
    all.map((item) => ({
      rule: item.querySelector('bdi')?.textContent ?? '',
      said: item.querySelector('.sr')?.textContent,
      measured: item.querySelector('b')?.textContent ?? '',
    })),
  );
  return rules.map(({ rule, said, measured }) => ({
    rule,
    ok: said === 'Kept:',
    // The page shows times in the viewer's time zone, which is that of the summary here.
    measured:
      measured === 'not measured'
        ? undefined
        : measured.replaceAll('\u00a0', ' ').replace(/( at .*)$/, '$1 UTC'),
  }));
}

function casesOf(junit: string): readonly Told[] {
  const cases: { rule: string; ok: boolean; measured: string | undefined }[] = [];
  const parser = new SaxesParser();
  const read = (text: string): string | undefined => /^measured (.*)$/.exec(text)?.[1];
  let inRule = false;
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'testcase') {
      inRule = attributes['classname'] === 'onager.slo';
      const rule = attributes['name'] ?? '';
      if (inRule) cases.push({ rule, ok: true, measured: undefined });
    }
    const last = cases.at(-1);
    if (!inRule || name !== 'failure' || last === undefined) return;
    last.ok = false;
    last.measured = read(attributes['message'] ?? '');
  });
  parser.on('text', (text) => {
    const last = cases.at(-1);
    if (inRule && last !== undefined) last.measured ??= read(text);
  });
  parser.write(junit).close();
  return cases;
}
