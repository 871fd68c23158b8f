import { describe, expect, it } from 'vitest';
import { readEnvironment, StartError } from '../../server/environment.js';

describe('the environment', () => {
  it('[ENV1] nothing set gives the documented defaults', () => {
    expect(readEnvironment({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: undefined,
      databaseUrl: undefined,
      dataDir: './data',
      essay: undefined,
      redisUrl: undefined,
      logLevel: 'info',
    });
  });

  it('[ENV2] a final slash of PUBLIC_URL is dropped and a path is kept', () => {
    expect(readEnvironment({ PUBLIC_URL: 'https://example.org/read/' }).publicUrl).toBe(
      'https://example.org/read',
    );
  });

  it('[ENV3] an empty value counts as not set', () => {
    expect(readEnvironment({ PORT: '', DATABASE_URL: '' })).toEqual(readEnvironment({}));
  });

  it.each([
    ['PORT', '80 80'],
    ['PORT', '65536'],
    ['PUBLIC_URL', 'example.org'],
    ['PUBLIC_URL', 'ftp://example.org'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['REDIS_URL', 'localhost:6379'],
    ['LOG_LEVEL', 'loud'],
  ])('[ENV4] %s=%s is refused in one line that names the variable', (name, value) => {
    const read = (): unknown => readEnvironment({ [name]: value });
    expect(read).toThrow(StartError);
    expect(read).toThrow(new RegExp(`^${name}: [^\\n]+$`));
  });
});
