/** report.html: data that stays data. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../src/report/html.ts';
import { startMs } from '../results/batches.ts';
import { state, summaryOf } from './fixture.ts';

const opening = '<script type="application/json" id="onager-data">';
const template = `<!doctype html><p>$&</p>${opening}{"live":true}</script><script>go()</script>`;

describe('report.html', () => {
  it('holds run and summary in the place for them', () => {
    const data = { run: state, summary: summaryOf() };
    const html = reportHtml(template, data);
    const [before, text, after] = parts(html);
    expect(before).toBe('<!doctype html><p>$&</p>');
    expect(after).toBe('<script>go()</script>');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(data)));
  });

  it('does not let a name end the script or open a comment', () => {
    const [, text] = parts(reportHtml(template, { run: state, summary: summaryOf() }));
    expect(text).not.toMatch(/[<>&\u2028\u2029]/u);
    expect(text).toContain('alert(1)');
  });

  it('is zipped where it would be large, and then is small', () => {
    const rows = Array.from({ length: 3_600 * 4 }, (_, at) => ({
      name: `get /page/${at % 50}`,
      ms: startMs + at * 250,
      us: 1_000 + ((at * 7_919) % 500_000),
    }));
    const data = { run: state, summary: summaryOf(rows) };
    const [, text] = parts(reportHtml(template, data));
    const { gzip } = JSON.parse(text);
    expect(JSON.parse(gunzipSync(Buffer.from(gzip, 'base64')).toString())).toEqual(
      JSON.parse(JSON.stringify(data)),
    );
    expect(text.length).toBeLessThan(300_000);
  });

  it.each(['', '<p></p>', `${template}${template}`])('is not made from a page like %j', (page) => {
    expect(() => reportHtml(page, { run: state, summary: summaryOf() })).toThrow(
      expect.objectContaining({ code: 'PAGE_INVALID' }),
    );
  });
});

function parts(html: string): [string, string, string] {
  const at = html.indexOf(opening);
  const end = html.indexOf('</script>', at);
  return [html.slice(0, at), html.slice(at + opening.length, end), html.slice(end + 9)];
}
