/**
 * How the page is bundled: one classic script and one style sheet, to be put into one HTML file.
 */

import { join } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    write: false,
    target: 'es2023',
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: join(import.meta.dirname, 'main.tsx'),
      output: { format: 'iife' },
    },
  },
});
