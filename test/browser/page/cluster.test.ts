/** What the page shows of a cluster: on the leader, on another member, and in the report. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { reportHtml } from '../../../src/report/html.ts';
import type { RunState } from '../../../src/run/state.ts';
import { clusterOf, memberId } from '../../support/cluster-run.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { clusterLoad, gathering, securityGroupAnswer } from '../../support/page-cluster.ts';
import type { PageData } from '../../support/page-fixture.ts';
import { type PageServer, startPageServer, tickOf } from '../../support/page-server.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let browser: Browser;
let html: string;
let folder: string;
const servers: PageServer[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  html = await buildPage();
  folder = await temporaryFolder('cluster');
});

afterAll(() => browser.close());

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Opened = Readonly<{ server: PageServer; page: Page; complaints: string[] }>;

async function openLive(data: PageData, width = 1280): Promise<Opened> {
  const server = await startPageServer({ html, data });
  servers.push(server);
  const opened = await openPage(browser, { viewport: { width, height: 900 } });
  await opened.page.goto(server.url);
  await opened.page.locator('.identity').waitFor();
  return { server, ...opened };
}

async function openReport(data: Parameters<typeof reportHtml>[1]): Promise<Page> {
  const path = join(folder, 'report.html');
  await writeFile(path, reportHtml(html, data));
  const { page } = await openPage(browser, { offline: true });
  await page.goto(`file://${path}`);
  await page.locator('.identity').waitFor();
  return page;
}

const read = async (locator: Locator): Promise<string> =>
  ((await locator.textContent()) ?? '').replaceAll('\u00a0', ' ');
const textOf = (page: Page, selector: string): Promise<string> =>
  read(page.locator(selector).first());

const rowOf = (page: Page, rank: number) =>
  page.locator('.members tbody tr', { hasText: memberId(rank) });

const silentSince = '2026-05-12T12:21:40.000Z';

describe('while members gather', () => {
  it('shows who is there, who is missing and how long they are waited for', async () => {
    const nowMs = Date.now();
    const { server, page, complaints } = await openLive(gathering(4, 2, { nowMs }));
    expect(await textOf(page, '.headline .title')).toBe('2 of 4 members are here');
    expect(await page.locator('.slots li').allInnerTexts()).toEqual([
      `${memberId(0)}\nthis instance · index 0 · 10.0.0.20`,
      `${memberId(1)}\nindex 1 · 10.0.0.21`,
      'Index 2 is not here yet',
      'Index 3 is not here yet',
    ]);
    expect(await textOf(page, '.countdown')).toMatch(
      /^Waiting for 2 more members, for \d+ s so far\.4 min (\d+ s )?left, until [\d:]+; then nobody fires$/,
    );

    server.run(gathering(4, 3, { nowMs }).run);
    await page.getByText('3 of 4 members are here').waitFor();
    expect(await page.locator('.slots .missing').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('gives the command that lets members through, to copy as it is', async () => {
    const { page } = await openLive(gathering(4, 2, { lastAnswer: securityGroupAnswer }));
    const command = await page.locator('.gathering .command code').textContent();
    expect(command).toMatch(/^aws ec2 authorize-security-group-ingress --region .*\}\]'$/);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command);
  });

  it('stays short with 200 members', async () => {
    const { page } = await openLive(gathering(200, 137), 390);
    expect(await textOf(page, '.gathering .hint')).toBe('Missing by launch index: 137–199');
    expect(await page.locator('.slots li').first().isVisible()).toBe(false);
    await page.getByText('137 members that are here').click();
    expect(await page.locator('.slots li').count()).toBe(137);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});

describe('on the leader', () => {
  it('shows the whole and each member, and follows both', async () => {
    const cluster = clusterOf(4);
    const before = clusterLoad(cluster, { seconds: 60 });
    const { server, page } = await openLive(before);
    await rowOf(page, 3).waitFor();
    expect(await read(rowOf(page, 0).locator('th'))).toContain('leader');
    expect(await rowOf(page, 0).locator('a').count()).toBe(0);
    expect(await rowOf(page, 2).locator('a').getAttribute('href')).toBe('http://10.0.0.22/');
    expect(await textOf(page, '.facts')).toContain('4 instances with 8 CPUs, led by c7i.large');

    const { summary: next } = clusterLoad(cluster, { seconds: 61 });
    server.tick({ ...tickOf(next, 58), ...(next.members && { members: next.members }) }, next);
    await page.getByText(`of ${next.totals.requests.toLocaleString('en-US')}`).waitFor();
    const counts = await page.locator('.members td[data-label="Requests"]').allInnerTexts();
    const sum = counts.reduce((total, each) => total + Number(each.replaceAll(',', '')), 0);
    expect(sum).toBe(next.totals.requests);
  });

  it('says at the top which member does not answer, and takes it back', async () => {
    const { run, summary } = clusterLoad(clusterOf(4));
    const { server, page } = await openLive({ run, summary });
    await rowOf(page, 3).waitFor();
    expect(await page.getByText('does not answer').count()).toBe(0);
    const changed = { 2: { state: 'silent', silentSince } } as const;
    server.run({ ...run, cluster: clusterOf(4, { changed }) });
    const alert = page.getByRole('alert').filter({ hasText: 'does not answer' });
    await alert.waitFor();
    expect(await read(alert)).toContain(`${memberId(2)} (launch index 2, 25`);
    expect(await read(rowOf(page, 2))).toContain('Silent');
    expect(await read(rowOf(page, 2).locator('td[data-label="Rate"]'))).toBe('–');
    server.run(run);
    await alert.waitFor({ state: 'detached' });
  });

  it('asks before it stops the load of all', async () => {
    const { server, page } = await openLive(clusterLoad(clusterOf(4)));
    await page.getByRole('button', { name: 'Stop the load' }).click();
    const dialog = page.getByRole('dialog');
    expect(await read(dialog)).toContain('This stops the load of all 4');
    await dialog.getByRole('button', { name: 'Stop the load' }).click();
    await page.getByRole('button', { name: 'Stopping…' }).waitFor();
    await expect.poll(() => server.stops()).toBe(1);
  });

  it.each([1280, 390])('keeps 200 members readable, %i px wide', async (width) => {
    const cluster = clusterOf(200, {
      changed: { 17: { state: 'lost' }, 150: { state: 'silent' } },
    });
    const { page, complaints } = await openLive(clusterLoad(cluster), width);
    const rows = page.locator('.members tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(10);
    expect(await read(rows.first())).toContain(memberId(17));
    expect(await read(rows.nth(1))).toContain(memberId(150));
    expect(await textOf(page, '#members .hint')).toBe('200 members, 2 with trouble');
    await page.getByLabel('Filter by id, launch index, state or trouble').fill('silent');
    expect(await rows.count()).toBe(1);
    await page.getByLabel('Filter by id, launch index, state or trouble').fill('');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await rows.count()).toBe(200);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(complaints).toEqual([]);
  });

  it('shows each member as a card on a narrow screen, with nothing beyond its edge', async () => {
    const { page } = await openLive(clusterLoad(clusterOf(3)), 390);
    await rowOf(page, 2).waitFor();
    const overflow = await page
      .locator('.table:has(.members)')
      .evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(overflow).toBe(0);
  });
});

describe('on a member that does not lead', () => {
  it('says whose part it shows and where the whole is, and judges nothing', async () => {
    const { page } = await openLive(clusterLoad(clusterOf(4, { self: 1 })));
    const note = page.getByRole('note');
    expect(await read(note)).toContain('This instance fires 1/4 of the load.');
    const link = note.getByRole('link', { name: memberId(0) });
    expect(await link.getAttribute('href')).toBe('http://10.0.0.20/');
    expect(await page.title()).toContain('storefront (1/4 of the load) · Running');
    await page.getByRole('heading', { name: "This instance's part" }).waitFor();
    expect(await page.locator('.rules').count()).toBe(0);
    expect(await page.getByText('rules missed').count()).toBe(0);
    expect(await page.locator('#members').count()).toBe(0);
  });

  it('says that stopping goes to the leader, and ends the load of all', async () => {
    const { page } = await openLive(clusterLoad(clusterOf(4, { self: 1 })));
    await page.getByRole('button', { name: 'Stop the load' }).click();
    const said = await read(page.getByRole('dialog'));
    expect(said).toContain(`It asks the leader, ${memberId(0)}, to stop the load of all 4 members`);
  });

  it('does not pass or fail by the objectives of the whole load', async () => {
    const { run, summary } = clusterLoad(clusterOf(4, { self: 1 }), { seconds: 180 });
    const page = await openReport({ run, summary });
    expect(await textOf(page, '.headline .title')).toBe('This part is complete');
    expect(await textOf(page, '.headline .sentence')).toContain(
      'The verdict on the whole run is on the page of the leader.',
    );
    expect(await page.title()).not.toMatch(/^[✓✗]/);
  });

  it('says that it lost its leader', async () => {
    const { run, summary } = clusterLoad(clusterOf(4, { self: 1 }), { seconds: 180 });
    const page = await openReport(endedBy({ run, summary }, 'CLUSTER_LEADER_LOST'));
    expect(await read(page.getByRole('note'))).toContain(
      'This instance fired 1/4 of the load, until it lost its leader.',
    );
  });
});

describe('the report of a run that lost a member', () => {
  it('says so first, and that the others went on', async () => {
    const changed = { 2: { state: 'lost', silentSince } } as const;
    const { run, summary } = clusterLoad(clusterOf(4, { changed }), { seconds: 180 });
    const page = await openReport(endedBy({ run, summary }, 'CLUSTER_MEMBER_LOST'));
    expect(await textOf(page, '.headline .title')).toBe('A part of the load was lost');
    expect(await textOf(page, '.headline .sentence')).toContain(
      'The other members went on to the planned end.',
    );
    expect(await page.getByText('until then').count()).toBe(0);
    expect(await read(rowOf(page, 2))).toContain('Lost');
    expect(await page.locator('.members a').count()).toBe(0);
  });

  it('is at most 600 KB with 200 members', async () => {
    const { run, summary } = clusterLoad(clusterOf(200), { seconds: 180 });
    expect(reportHtml(html, { run, summary }).length).toBeLessThan(600_000);
  });
});

function endedBy(
  { run, summary }: ReturnType<typeof clusterLoad>,
  code: 'CLUSTER_LEADER_LOST' | 'CLUSTER_MEMBER_LOST',
): ReturnType<typeof clusterLoad> {
  const problem = { code, message: 'it has not answered for 15 s', hint: 'launch it again' };
  const ended: RunState = { ...run, phase: 'finished', outcome: { kind: 'interrupted', problem } };
  return { run: ended, summary: { ...summary, run: { ...summary.run, outcome: ended.outcome } } };
}
