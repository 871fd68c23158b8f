import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^#core\/(.*)\.js$/, replacement: fileURLToPath(new URL('./core/$1.ts', import.meta.url)) },
    ],
  },
  test: {
    globalSetup: ['tests/support/postgres.ts'],
    include: ['tests/{unit,property,contract,integration}/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
