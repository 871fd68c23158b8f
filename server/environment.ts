/** The variables that a host may set, checked once at the start: an unknown value is one clear line, never a guess. */

import * as z from 'zod';

const url = (schemes: readonly string[], example: string): z.ZodType<string> =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    message: `must be an address such as ${example}`,
  });

const schema = z.object({
  PORT: z
    .string()
    .default('3000')
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) < 65536, {
      message: 'must be a number from 0 to 65535',
    })
    .transform(Number),
  HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: url(['http', 'https'], 'https://read.example.org')
    .refine((text) => !/[?#]/.test(text), { message: 'must have no query and no fragment' })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  DATABASE_URL: url(['postgres', 'postgresql'], 'postgresql://user:password@localhost/marginalia').optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  ESSAY: z.string().min(1).optional(),
  REDIS_URL: url(['redis', 'rediss'], 'redis://localhost:6379').optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface Environment {
  port: number;
  host: string;
  publicUrl: string | undefined;
  databaseUrl: string | undefined;
  dataDir: string;
  essay: string | undefined;
  redisUrl: string | undefined;
  logLevel: string;
}

/** What a host can mend: it is told in one line, and the server ends with exit code 1. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Throws a StartError that names the variable and what is wrong with it. An empty value counts as not set. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const { data, error } = schema.safeParse(set);
  if (error) {
    const [issue] = error.issues;
    throw new StartError(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  return {
    port: data.PORT,
    host: data.HOST,
    publicUrl: data.PUBLIC_URL,
    databaseUrl: data.DATABASE_URL,
    dataDir: data.DATA_DIR,
    essay: data.ESSAY,
    redisUrl: data.REDIS_URL,
    logLevel: data.LOG_LEVEL,
  };
}
