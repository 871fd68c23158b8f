// Results as Markdown, and their place in docs/benchmarks.md.
import { readFileSync, writeFileSync } from 'node:fs';

const page = new URL('../docs/benchmarks.md', import.meta.url);
const begin = '<!-- figures: `npm run bench -- --write` puts them here -->';
const end = '<!-- end of figures -->';

const line = (cells) => `| ${cells.join(' | ')} |`;
const lines = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

export const tableOf = ({ title, head, rows, note }) =>
  `### ${title}\n\n${lines(head, rows)}${note ? `\n\n${note}` : ''}`;

/** All goals that were measured, one a line. */
export const summary = (goals) =>
  `### Goals\n\n${lines(
    ['what', 'best peer in this run', 'goal', 'figure', 'reached'],
    goals.map(({ what, peer, goal, figure, reached }) => [what, peer, goal, figure, reached]),
  )}`;

/** Replaces what stands between the two marks of the page. */
export function writeFigures(figures) {
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error('docs/benchmarks.md has no place for the figures');
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${figures}\n\n${text.slice(to)}`);
}
