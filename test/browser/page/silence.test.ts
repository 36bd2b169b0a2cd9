/** An instance that stands still: the page notices within three seconds. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { launchBrowser, openPage } from '../../support/page-browser.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const program = fileURLToPath(new URL('../../support/page-process.ts', import.meta.url));

let browser: Browser;
let instance: ChildProcess;
let url: string;

beforeAll(async () => {
  browser = await launchBrowser();
  const path = join(await temporaryFolder('silence'), 'page.html');
  await writeFile(path, await buildPage());
  instance = spawn(process.execPath, [program, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (instance.stdout === null) throw new Error('the instance has no output');
  [url] = await once(createInterface({ input: instance.stdout }), 'line');
});

afterAll(async () => {
  instance.kill('SIGKILL');
  await browser.close();
});

it('says when the instance was last heard, stops the clock, and goes on by itself', async () => {
  const { page } = await openPage(browser);
  await page.clock.install();
  await page.goto(url);
  await page.getByText('Running', { exact: true }).waitFor();
  const lost = page.locator('.lost');
  expect(await lost.count()).toBe(0);

  instance.kill('SIGSTOP');
  await page.clock.runFor(3_000);
  await lost.getByText('The instance is silent.').waitFor();
  const silentFor = async (): Promise<number> => secondsIn(await lost.textContent());
  const before = await silentFor();
  const clock = page.locator('.progress b');
  const [at, title] = [await clock.textContent(), await page.title()];
  await page.clock.runFor(5_000);
  // The page's clock goes on meanwhile, and the last beat may have come a little later.
  expect(before).toBeLessThanOrEqual(5);
  expect((await silentFor()) - before).toBeGreaterThanOrEqual(4);
  expect([await clock.textContent(), await page.title()]).toEqual([at, title]);

  // The connection is given up, and the instance asked again and again.
  await page.clock.runFor(20_000);
  await lost.getByText('The connection to the instance is lost').waitFor();
  instance.kill('SIGCONT');
  await expect
    .poll(async () => {
      await page.clock.runFor(1_000);
      return await lost.count();
    })
    .toBe(0);
  expect(await clock.textContent()).not.toBe(at);
});

it('calls nobody silent because its own machine slept', async () => {
  const { page } = await openPage(browser);
  await page.clock.install();
  await page.goto(url);
  await page.getByText('Running', { exact: true }).waitFor();
  instance.kill('SIGSTOP');
  await page.clock.fastForward(60_000);
  await page.clock.runFor(500);
  expect(await page.locator('.lost').count()).toBe(0);
  await page.clock.runFor(3_000);
  await page.locator('.lost').getByText('The instance is silent.').waitFor();
  instance.kill('SIGCONT');
});

function secondsIn(text: string | null): number {
  return Number(/Last heard (\d+)\ss ago\./.exec(text ?? '')?.[1]);
}
