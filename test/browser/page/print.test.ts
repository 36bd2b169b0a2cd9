/** A report on paper: the headless browser prints it as soon as it is loaded. */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.ts';
import { reportHtml } from '../../../src/report/html.ts';
import { hour } from '../../support/page-fixture.ts';
import { temporaryFolder } from '../../support/temporary.ts';

it('prints the largest report, every name of it, from the command line', async () => {
  const folder = await temporaryFolder('print');
  const [page, pdf] = [join(folder, 'report.html'), join(folder, 'report.pdf')];
  await writeFile(page, reportHtml(await buildPage(), hour({ names: 1_000 })));
  await promisify(execFile)('chromium', [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${join(folder, 'profile')}`,
    `--print-to-pdf=${pdf}`,
    `file://${page}`,
  ]);
  const pages = (await readFile(pdf, 'latin1')).match(/\/Type \/Page$/gm) ?? [];
  // A thousand rows, about thirty to a page.
  expect(pages.length).toBeGreaterThan(20);
});
