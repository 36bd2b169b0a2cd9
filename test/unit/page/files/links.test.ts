/** Links to the files of a run, by the place that its report is read at. */

import { expect, it } from 'vitest';
import { linksFrom } from '../../../../src/page/files/links.ts';

const runId = '20260512T122000Z-i-0f3a9c1d2e4b5a678';
const file = { key: 'raw/a b#.dump', source: 'engine/a b#.dump' };
const path = (tail: string): string => `/home/ann/my%20runs/${runId}${tail}`;

it.each([
  ['live', 'http:', '/', '', true, '/files/raw/a%20b%23.dump'],
  ['the report of an instance', 'http:', '/report.html', '', false, '/files/raw/a%20b%23.dump'],
  ['the run folder', 'file:', path('/report/report.html'), '', false, '../engine/a%20b%23.dump'],
  [
    'a zip, or a copy of the bucket',
    'file:',
    path('/report.html'),
    '',
    false,
    './raw/a%20b%23.dump',
  ],
  ['a bucket open to all', 'https:', path('/report.html'), '', false, './raw/a%20b%23.dump'],
  ['a signed address', 'https:', path('/report.html'), '?X-Amz-Signature=1', false, undefined],
  ['a download folder', 'file:', '/home/ann/Downloads/report.html', '', false, undefined],
])('%s', (_, protocol, pathname, search, live, href) => {
  expect(linksFrom({ protocol, pathname, search }, { runId, live })(file)).toBe(href);
});

it('are none in a run folder for a file whose place is not known', () => {
  const place = { protocol: 'file:', pathname: path('/report/report.html'), search: '' };
  expect(linksFrom(place, { runId, live: false })({ key: 'junit.xml' })).toBeUndefined();
});
