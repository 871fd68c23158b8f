import { expect, test, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chineseText } from '../support/texts.js';
import { dataFolder, startServer, type RunningServer } from '../support/server.js';

const essay = fileURLToPath(new URL('../../../shared/essay/essay.zh.txt', import.meta.url));
const port = 20_000 + Math.floor(Math.random() * 20_000);

let data: ReturnType<typeof dataFolder>;
let server: RunningServer;
let stop: () => Promise<unknown>;
let contexts: BrowserContext[];

test.beforeEach(async () => {
  data = dataFolder();
  contexts = [];
  // Until it has started: a test whose server does not start says why by itself.
  stop = () => Promise.resolve();
  const own = join(data.path, 'essay.txt');
  writeFileSync(own, chineseText);
  const env = {
    ESSAY: existsSync(essay) ? essay : own,
    DATA_DIR: join(data.path, 'data'),
    PORT: String(port),
  };
  server = await startServer(env);
  stop = () => server.stop();
});
test.afterEach(async () => {
  for (const context of contexts) await context.close();
  await stop();
  data.remove();
});

/** Joins by the link in a browser of one's own and opens the essay. */
async function reader(browser: Browser, name: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
  contexts.push(context);
  const page = await context.newPage();
  await page.goto(server.joinUrl);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join the reading' }).click();
  await page.locator('a[href^="/documents/"]').first().click();
  await expect(block(page, 0)).toBeVisible();
  await expect(chip(page)).toHaveText(/All stored/);
  return { page, context };
}

const block = (page: Page, n: number): Locator => page.locator('[data-block][data-kind="paragraph"]').nth(n);
const chip = (page: Page): Locator => page.locator('.chip');
const composer = (page: Page): Locator => page.getByRole('form', { name: /^About/ }).getByRole('textbox');
const card = (page: Page, words: string): Locator =>
  page.locator('[data-thread]').filter({ hasText: words }).first();

/** Selects characters of a block as a mouse would have, and waits for the toolbar. */
async function select(page: Page, n: number, from: number, to: number): Promise<void> {
  await block(page, n).evaluate(
    (element, [start, end]) => {
      const walker = document.createTreeWalker(
        element.querySelector('[data-words]') ?? element,
        NodeFilter.SHOW_TEXT,
      );
      const range = document.createRange();
      let at = 0;
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const { length } = node.textContent ?? '';
        if (start >= at && start <= at + length) range.setStart(node, start - at);
        if (end >= at && end <= at + length) range.setEnd(node, end - at);
        at += length;
      }
      getSelection()?.removeAllRanges();
      getSelection()?.addRange(range);
    },
    [from, to] as const,
  );
  await expect(page.getByRole('toolbar', { name: 'With the selected words' })).toBeVisible();
}

async function comment(page: Page, n: number, from: number, to: number, words: string): Promise<void> {
  await select(page, n, from, to);
  await page.getByRole('toolbar').getByRole('button', { name: 'Comment' }).click();
  await composer(page).fill(words);
  await page.getByRole('button', { name: 'Post', exact: false }).click();
  await expect(card(page, words)).toBeVisible();
}

async function reply(page: Page, thread: string, words: string): Promise<void> {
  await card(page, thread).click();
  const field = card(page, thread).getByRole('textbox', { name: 'Reply' });
  await field.fill(words);
  await field.press('Control+Enter');
  await expect(card(page, words)).toBeVisible();
}

test('[STORY1] two readers meet on an essay, work through a restart and offline, and lose nothing', async ({
  browser,
}) => {
  const anna = await reader(browser, 'Anna');
  const ben = await reader(browser, 'Ben');

  await test.step('they see each other', async () => {
    await expect(
      anna.page.getByText('Ben', { exact: true }).or(anna.page.getByTitle('Ben')).first(),
    ).toBeAttached();
    await expect(
      ben.page.getByText('Anna', { exact: true }).or(ben.page.getByTitle('Anna')).first(),
    ).toBeAttached();
  });

  await test.step('a highlight and a comment reach the other without a reload', async () => {
    await select(anna.page, 0, 2, 9);
    await anna.page.getByRole('button', { name: 'Highlight: Evidence' }).click();
    await comment(anna.page, 0, 12, 20, 'What is meant here?');
    await expect(card(ben.page, 'What is meant here?')).toBeVisible();
    await expect(ben.page.getByRole('button', { name: /Highlight \(Evidence\) by Anna/ })).toBeAttached();
  });

  await test.step('a reply comes back', async () => {
    await reply(ben.page, 'What is meant here?', 'The second paragraph says it.');
    await card(anna.page, 'What is meant here?').click();
    await expect(card(anna.page, 'The second paragraph says it.')).toBeVisible();
    await expect(chip(ben.page)).toHaveText(/All stored/);
  });

  await test.step('the server restarts under them, and both go on without a reload', async () => {
    expect(await server.stop()).toBe(0);
    await expect(chip(anna.page)).toHaveText(/Offline/);
    server = await startServer({ DATA_DIR: join(data.path, 'data'), PORT: String(port) });
    await expect(chip(anna.page)).toHaveText(/All stored/, { timeout: 30_000 });
    await expect(chip(ben.page)).toHaveText(/All stored/, { timeout: 30_000 });
    await comment(ben.page, 1, 0, 6, 'After the restart.');
    await expect(card(anna.page, 'After the restart.')).toBeVisible();
  });

  await test.step('Ben is offline: he reads and writes on, and his words are kept', async () => {
    await expect(chip(ben.page)).toHaveText(/All stored/);
    await ben.context.setOffline(true);
    await expect(chip(ben.page)).toHaveText(/Offline/);
    await comment(ben.page, 1, 8, 14, 'Written offline.');
    await expect(chip(ben.page)).toHaveText(/Offline, 1 kept here/);
    await comment(anna.page, 0, 30, 36, 'Meanwhile, from Anna.');
    await expect(card(anna.page, 'Written offline.')).toHaveCount(0);
  });

  await test.step('he comes back: nothing is lost and nothing doubled', async () => {
    await ben.context.setOffline(false);
    await expect(chip(ben.page)).toHaveText(/All stored/, { timeout: 30_000 });
    await expect(card(anna.page, 'Written offline.')).toBeVisible();
    await expect(card(ben.page, 'Meanwhile, from Anna.')).toBeVisible();
    for (const { page } of [anna, ben]) await expect(page.getByText('Written offline.')).toHaveCount(1);
  });

  await test.step('Anna edits and removes her own words', async () => {
    await card(anna.page, 'Meanwhile, from Anna.').click();
    await card(anna.page, 'Meanwhile, from Anna.').getByRole('button', { name: 'More' }).first().click();
    await anna.page.getByRole('menuitem', { name: 'Edit' }).click();
    await anna.page.locator('textarea:focus').fill('Meanwhile, edited.');
    await anna.page.locator('textarea:focus').press('Control+Enter');
    await expect(card(ben.page, 'Meanwhile, edited.')).toBeVisible();
    await card(anna.page, 'Meanwhile, edited.').getByRole('button', { name: 'More' }).first().click();
    await anna.page.getByRole('menuitem', { name: 'Remove' }).click();
    await anna.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await expect(ben.page.getByText('Meanwhile, edited.')).toHaveCount(0);
  });

  await test.step('Ben resolves the thread and Anna opens it again', async () => {
    for (const { page } of [anna, ben]) await card(page, 'What is meant here?').click();
    await card(ben.page, 'What is meant here?').getByRole('button', { name: 'Resolve' }).first().click();
    await expect(card(anna.page, 'What is meant here?').getByText('Resolved by Ben')).toBeVisible();
    await card(anna.page, 'What is meant here?').getByRole('button', { name: 'Reopen' }).first().click();
    await expect(card(anna.page, 'What is meant here?').getByText('Resolved by Ben')).toHaveCount(0);
    await expect(card(ben.page, 'What is meant here?').getByText('Resolved by Ben')).toHaveCount(0);
  });

  await test.step('after a reload everything is still there', async () => {
    await anna.page.reload();
    await expect(card(anna.page, 'Written offline.')).toBeVisible();
    await expect(card(anna.page, 'After the restart.')).toBeVisible();
    await expect(chip(anna.page)).toHaveText(/All stored/);
  });

  await test.step('a plain y-websocket client sees the same, and a private note is Ben’s alone', async () => {
    await select(ben.page, 0, 40, 46);
    await ben.page.getByRole('toolbar').getByRole('button', { name: 'Private note' }).click();
    await composer(ben.page).fill('Only for me.');
    await ben.page.getByRole('button', { name: 'Post', exact: false }).click();
    await expect(card(ben.page, 'Only for me.')).toBeVisible();
    await expect(chip(ben.page)).toHaveText(/All stored/);
    await anna.page.reload();
    await expect(card(anna.page, 'Written offline.')).toBeVisible();
    await expect(anna.page.getByText('Only for me.')).toHaveCount(0);
  });
});
