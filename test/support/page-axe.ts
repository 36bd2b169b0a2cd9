/** axe-core's judgement of a page: each broken rule, with the first element that breaks it. */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Runs in the page. */
const judgement = `axe
  .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))`;

export async function violationsOf(page: Page): Promise<unknown> {
  await page.evaluate(await readFile(source, 'utf8'));
  return await page.evaluate(judgement);
}
