/**
 * Bundles src/page into dist/page.html: one file whose Content-Security-Policy allows exactly its
 * own script and style.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { writeWhole } from '../src/files/files.ts';

const source = fileURLToPath(new URL('../src/page/', import.meta.url));
const target = fileURLToPath(new URL('../dist/', import.meta.url));

if (import.meta.main) {
  const page = await buildPage();
  await mkdir(target, { recursive: true });
  await writeWhole(`${target}page.html`, page, { mode: 0o644 });
  console.log(`dist/page.html ${page.length} bytes`);
}

/** The page's HTML. */
export async function buildPage(): Promise<string> {
  const { script, style } = await bundle();
  const template = await readFile(`${source}index.html`, 'utf8');
  const csp = [
    "default-src 'none'",
    `script-src '${sha256(script)}'`,
    `style-src '${sha256(style)}'`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return template
    .replace('{{csp}}', csp)
    .replace('{{style}}', () => style)
    .replace('{{script}}', () => script);
}

async function bundle(): Promise<Readonly<{ script: string; style: string }>> {
  const result = await build({
    configFile: `${source}vite.config.ts`,
    root: source,
    logLevel: 'warn',
  });
  const chunks = outputsOf(result);
  const script = chunks.flatMap((part) => (part.type === 'chunk' ? [part.code] : []));
  const style = chunks.flatMap((part) =>
    part.type === 'asset' && part.fileName.endsWith('.css') ? [String(part.source)] : [],
  );
  if (script.length !== 1 || style.length !== 1)
    throw new Error('the page is not one script and one style');
  // An end tag, or the start of a comment, inside a string would end the element it stands in.
  return {
    script: script.join('').replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--'),
    style: style.join(''),
  };
}

function outputsOf(
  result: Awaited<ReturnType<typeof build>>,
): readonly (Rolldown.OutputChunk | Rolldown.OutputAsset)[] {
  if (Array.isArray(result)) return result.flatMap(({ output }) => output);
  if ('output' in result) return result.output;
  throw new Error('the build is a watcher');
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
