// Prisma's command line downloads a native engine before it does anything. `generate`, `validate` and `format` never
// run it, so any existing file stands in for it there; migrations are applied and written by our own code.
import { defineConfig } from 'prisma/config';

if (['generate', 'validate', 'format'].some((command) => process.argv.includes(command)))
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://localhost/marginalia' },
});
