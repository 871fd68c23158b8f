import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'client',
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^#core\/(.*)\.js$/, replacement: fileURLToPath(new URL('./core/$1.ts', import.meta.url)) },
    ],
  },
  build: { outDir: '../dist/client', emptyOutDir: true, target: 'es2022' },
});
