/** The file that `ESSAY` names: read once, when the database is empty. */

import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Result } from '#core/result.js';
import { importTextFile, type ImportedText } from './text-import.js';

/** Bytes: what 2 million characters take at most, and a little. */
const largestFile = 9 * 1024 * 1024;

const laterFormats: Readonly<Record<string, string>> = {
  '.md': 'Markdown',
  '.markdown': 'Markdown',
  '.html': 'HTML',
  '.htm': 'HTML',
  '.xhtml': 'HTML',
  '.docx': 'Word',
  '.doc': 'Word',
  '.pdf': 'PDF',
  '.rtf': 'RTF',
  '.epub': 'EPUB',
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the server may not read it',
  EPERM: 'the server may not read it',
  EISDIR: 'it is a folder',
};

/** An error is one sentence that names the file and what is wrong with it. */
export async function readEssay(path: string): Promise<Result<ImportedText, string>> {
  const no = (problem: string): Result<never, string> => ({ ok: false, error: `ESSAY: ${path} ${problem}.` });
  const format = laterFormats[extname(path).toLowerCase()];
  if (format) return no(`is ${format}: only plain text is taken as yet, so save it as .txt`);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return no(`cannot be read: ${reasons[code] ?? message}`);
  }
  if (bytes.length > largestFile) return no('is longer than 2,000,000 characters');
  const imported = importTextFile(bytes, basename(path));
  return imported.ok ? imported : no(imported.error);
}
