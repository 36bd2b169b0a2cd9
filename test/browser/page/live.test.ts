/** The page on the instance: follows the run, survives a lost connection, stops the load. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { idle, type PageData, storefront, waiting } from '../../support/page-fixture.ts';
import { type PageServer, startPageServer, tickOf } from '../../support/page-server.ts';

let browser: Browser;
let html: string;
const servers: PageServer[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  html = await buildPage();
});

afterAll(() => browser.close());

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function openLive(
  data: PageData,
  options: Partial<Parameters<typeof startPageServer>[0]> = {},
): Promise<Readonly<{ server: PageServer; page: Page; complaints: string[] }>> {
  const server = await startPageServer({ html, data, ...options });
  servers.push(server);
  const opened = await openPage(browser);
  await opened.page.goto(server.url);
  return { server, ...opened };
}

const requests = (page: Page): Promise<string | null> =>
  page.locator('.numbers div').nth(4).locator('.note').textContent();

describe('while the run goes on', () => {
  it('follows it second by second, and from running to the verdict', async () => {
    const before = storefront({ seconds: 60 });
    const { server, page, complaints } = await openLive(before);
    await page.getByText(`of ${before.summary.totals.requests.toLocaleString('en-US')}`).waitFor();
    expect(await page.locator('.headline .title').textContent()).toBe('Running');
    expect(await page.locator('progress').getAttribute('max')).toBe('180000');

    const { summary: next } = storefront({ seconds: 61 });
    server.tick(tickOf(next, 58), next);
    await page.getByText(`of ${next.totals.requests.toLocaleString('en-US')}`).waitFor();

    const after = storefront();
    server.summary(after.summary);
    server.run(after.run);
    await page.getByText('Failed', { exact: true }).waitFor();
    expect(await requests(page)).toContain(after.summary.totals.requests.toLocaleString('en-US'));
    expect(await page.getByRole('button', { name: 'Stop the load' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('shows a wait with its reason, then the run as soon as there is one', async () => {
    const { server, page } = await openLive(waiting());
    await page.getByText('the instance metadata service').waitFor();
    expect(await page.locator('.awaited').textContent()).toContain(
      'Last answer: connection refused by 169.254.169.254:80',
    );
    const { run, summary } = storefront({ seconds: 30 });
    server.run(run);
    await page.getByText('Running', { exact: true }).waitFor();
    server.summary(summary);
    await page.locator('canvas').first().waitFor();
  });

  it("asks for a name's course, which the ticks leave out", async () => {
    const { run, summary } = storefront({ seconds: 60 });
    const { server, page } = await openLive({ run });
    await page.getByText('Running', { exact: true }).waitFor();
    server.summary({
      ...summary,
      names: summary.names.map(({ series, ...stats }) => stats),
    });
    await page.getByRole('button', { name: 'GET /search' }).click();
    await page.getByText('Its values over time are not available yet.').waitFor();
    server.summary(summary);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'GET /search' }).click();
    await page.getByRole('dialog').locator('canvas').first().waitFor();
  });
});

describe('a lost connection', () => {
  it('is shown, and the page reconnects by itself and shows what happened meanwhile', async () => {
    const { server, page } = await openLive(storefront({ seconds: 60 }));
    await page.getByText('Running', { exact: true }).waitFor();
    await server.goAway();
    await page.getByText('The connection to the instance is lost').waitFor();
    const after = storefront();
    server.summary(after.summary);
    server.run(after.run);
    await server.comeBack();
    await page.getByText('Failed', { exact: true }).waitFor();
    expect(await page.getByText('The connection to the instance is lost').count()).toBe(0);
  });

  it('asks for the key again when that is no longer accepted', async () => {
    const { server, page } = await openLive(storefront({ seconds: 60 }), { key: 'a'.repeat(20) });
    await page.getByLabel('Key', { exact: true }).fill('a'.repeat(20));
    await page.keyboard.press('Enter');
    await page.getByText('Running', { exact: true }).waitFor();
    await page.context().clearCookies();
    await server.goAway();
    await server.comeBack();
    await page.getByLabel('Key', { exact: true }).waitFor();
  });
});

describe('the stop button', () => {
  it('asks first, and then asks the instance', async () => {
    const { server, page } = await openLive(storefront({ seconds: 60 }));
    await page.getByRole('button', { name: 'Stop the load' }).click();
    await page.getByRole('button', { name: 'Keep running' }).click();
    expect(server.stops()).toBe(0);
    await page.getByRole('button', { name: 'Stop the load' }).click();
    const asked = page.waitForResponse((response) => response.url().endsWith('/api/stop'));
    await page.getByRole('dialog').getByRole('button', { name: 'Stop the load' }).click();
    expect((await asked).status()).toBe(202);
    expect(server.stops()).toBe(1);
    await page.getByRole('button', { name: 'Stopping…' }).waitFor();
  });

  it('shows that another viewer has requested it', async () => {
    const data = storefront({ seconds: 60 });
    const { page } = await openLive({
      ...data,
      run: { ...data.run, stopAskedAt: data.summary.generatedAt },
    });
    expect(await page.getByRole('button', { name: 'Stopping…' }).isDisabled()).toBe(true);
  });

  it('is not told as a failure where the load has ended meanwhile', async () => {
    const { page } = await openLive(storefront({ seconds: 60 }));
    await page.route('**/api/stop', (route) => route.fulfill({ status: 409 }));
    await page.getByRole('button', { name: 'Stop the load' }).click();
    const asked = page.waitForResponse((response) => response.url().endsWith('/api/stop'));
    await page.getByRole('dialog').getByRole('button', { name: 'Stop the load' }).click();
    expect((await asked).status()).toBe(409);
    // The page has heard the answer before that to a later request.
    await page.evaluate(async () => await (await fetch('/healthz')).text());
    await page.getByRole('button', { name: 'Stopping…' }).waitFor();
    expect(await page.getByText('The load was not stopped').count()).toBe(0);
  });

  it('says so when the load could not be stopped, and can be pressed again', async () => {
    const { server, page } = await openLive(storefront({ seconds: 60 }));
    await page.route('**/api/stop', (route) => route.fulfill({ status: 500 }));
    await page.getByRole('button', { name: 'Stop the load' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop the load' }).click();
    await page.getByText('The load was not stopped: the server answered 500').waitFor();
    expect(await page.getByRole('button', { name: 'Stop the load' }).isEnabled()).toBe(true);
    expect(server.stops()).toBe(0);
  });
});

describe('the power-off', () => {
  it('is counted down to, and can be postponed', async () => {
    const data = storefront();
    const powerOff = {
      at: new Date(Date.now() + 14 * 60_000).toISOString(),
      reason: 'after-run',
      action: 'terminate',
      pretended: false,
      extendable: true,
    } as const;
    const { page } = await openLive({
      ...data,
      run: { ...data.run, lifetime: { endsAt: powerOff.at, powerOff } },
    });
    const line = page.locator('.power-off');
    await line.getByText(/The run is over: this instance is terminated in 1[34]\smin/).waitFor();
    const asked = page.waitForResponse((response) => response.url().endsWith('/api/extend'));
    await page.getByRole('button', { name: 'Keep it for 30 more minutes' }).click();
    expect((await asked).status()).toBe(200);
    await page.route('**/api/extend', (route) => route.fulfill({ status: 409 }));
    await page.getByRole('button', { name: 'Keep it for 30 more minutes' }).click();
    await page.getByText('The power-off cannot be postponed any further.').waitFor();
  });
});

describe('without a scenario', () => {
  it('gives the exact command to launch with one', async () => {
    const { page } = await openLive(idle());
    await page.getByText('No scenario', { exact: true }).waitFor();
    expect(await page.locator('.command code').first().textContent()).toBe(
      'aws ec2 run-instances --image-id ami-0abc1234def567890 --instance-type c7i.large --user-data fileb://tsung.xml.zip',
    );
  });
});

describe('files and logs', () => {
  const line = '{"level":"info","time":"2026-05-12T12:20:01.000Z","files":4,"msg":"unpacked"}\n';

  it('lists every file, and shows the last lines of the logs as text', async () => {
    const { page, complaints } = await openLive(storefront(), {
      files: {
        'logs/agent.log': line + line,
        'engine/stderr.log': `${'x'.repeat(60_000)}\n\u001b[31m<script>alert(1)</script>\n`,
        'a b/ü#?.txt': '1',
      },
    });
    await page.getByText('3 files').click();
    await page.getByText('Last lines of the logs').click();
    await page.getByText('info  unpacked files=4').waitFor();
    await page.getByRole('button', { name: 'engine/stderr.log' }).click();
    await page.getByText('\\x1b[31m<script>alert(1)</script>').waitFor();
    const href = await page.getByRole('link', { name: 'a b/ü#?.txt' }).getAttribute('href');
    expect(href).toBe('/files/a%20b/%C3%BC%23%3F.txt');
    expect(await page.getByRole('link', { name: "Tsung's own report" }).getAttribute('href')).toBe(
      '/engine/report.html',
    );
    expect(complaints).toEqual([]);
  });
});

describe('warnings', () => {
  it('are shown below the verdict, the first three at once and the others on demand', async () => {
    const data = storefront();
    const warnings = ['one', 'two', 'three', 'four', 'five'].map((name) => ({
      code: 'VAR_UNUSED' as const,
      message: `the variable ${name} is set and not used`,
      hint: 'remove it',
    }));
    const { page } = await openLive({ ...data, run: { ...data.run, warnings } });
    const shown = page.getByRole('region', { name: '5 warnings' });
    await shown.getByText('The variable three is set and not used').waitFor();
    expect(await shown.getByText('The variable four').isVisible()).toBe(false);
    await shown.getByText('Show 2 more').click();
    await shown.getByText('The variable five is set and not used').waitFor();
  });
});
