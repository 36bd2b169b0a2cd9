/** The headers that keep served content from doing harm. */

import { createHash } from 'node:crypto';

export const commonHeaders = {
  'cache-control': 'no-store',
  // Not `no-referrer`: with it a browser sends the key's form with `Origin: null`, like a form of
  // another site.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** For everything that is not a page: it can do nothing, even if a browser shows it as a page. */
export const inertPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** For a page that contains all its scripts and styles: those run, and nothing else. */
export function pagePolicy(html: string, { formAction = "'none'" } = {}): string {
  return [
    "default-src 'none'",
    `script-src ${inlineHashes(html, 'script')}`,
    `style-src ${inlineHashes(html, 'style')}`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join('; ');
}

function inlineHashes(html: string, element: 'script' | 'style'): string {
  const pattern = new RegExp(`<${element}(?:\\s[^>]*)?>(.*?)</${element}\\s*>`, 'gis');
  const hashes = [...html.matchAll(pattern)].map(([, content = '']) => {
    // The browser hashes the text after parsing, which has no carriage returns.
    const text = content.replaceAll(/\r\n?/g, '\n');
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  });
  return hashes.length === 0 ? "'none'" : [...new Set(hashes)].join(' ');
}
