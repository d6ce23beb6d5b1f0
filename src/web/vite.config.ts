import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // An inlined asset would be a data: URL, which the page’s content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/agent': { target: 'ws://127.0.0.1:3000', ws: true },
      '/watch': { target: 'ws://127.0.0.1:3000', ws: true },
    },
  },
});
