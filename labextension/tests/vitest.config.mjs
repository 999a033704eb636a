// The sources as they are, with React and JupyterLab from the package's own node_modules.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Icons are imported as text. */
const svg = {
  name: 'svg',
  enforce: 'pre',
  load: id =>
    id.endsWith('.svg')
      ? `export default ${JSON.stringify(readFileSync(id, 'utf-8'))}`
      : null
};

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [svg],
  esbuild: { jsx: 'transform' },
  resolve: {
    alias: ['react', 'react-dom'].map(find => ({
      find: new RegExp(`^${find}(?=/|$)`),
      replacement: `${root}node_modules/${find}`
    }))
  },
  test: {
    include: ['tests/**/*.spec.ts', 'tests/**/*.spec.tsx'],
    environment: 'jsdom',
    // One page for all files: making it takes longer than all tests.
    isolate: false,
    pool: 'threads',
    poolOptions: { threads: { singleThread: true } },
    css: false,
    setupFiles: ['tests/browser.ts'],
    // Yjs remarks on how JupyterLab's shared models make cells.
    onConsoleLog: text =>
      !/yjs#509|Clipboard API|Add Yjs type to a document/.test(text),
    server: {
      deps: {
        inline: [/@jupyterlab/, /@jupyter\//, /@rjsf/]
      }
    }
  }
});
