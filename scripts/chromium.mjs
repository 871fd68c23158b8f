// Where a Chromium is on this machine: CHROMIUM_PATH, or where distributions put it.
import { existsSync } from 'node:fs';

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Its path; undefined where there is none (Playwright's own may still be). */
export const findChromium = () =>
  [process.env.CHROMIUM_PATH, ...usual].find((path) => path && existsSync(path));
