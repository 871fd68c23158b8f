// What every workload needs: quantiles, medians of several runs, waiting with an end, and numbers as a table shows them.
import { clearTimeout } from 'node:timers';

/** The values below which these shares of the numbers lie. */
export function quantiles(numbers, ...shares) {
  const sorted = Float64Array.from(numbers).sort();
  return shares.map((share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN);
}

export const median = (numbers) => quantiles(numbers, 0.5)[0];

/** Of several runs that measured the same figures: the median of each. */
export const medians = (runs) =>
  Object.fromEntries(Object.keys(runs[0]).map((key) => [key, median(runs.map((run) => run[key]))]));

export const until = (time) =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
export const pause = (milliseconds) => until(performance.now() + milliseconds);

/** Waits until `done()` holds. Throws with `what()` when it does not in time: a figure without it would be wrong. */
export async function waitFor(done, milliseconds, what) {
  const end = performance.now() + milliseconds;
  while (!done()) {
    if (performance.now() > end) throw new Error(what());
    await pause(5);
  }
}

/** The promise, or an error when it has not come in time. */
export async function within(milliseconds, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Does it for all, so many at a time; gives the results in order. */
export async function inTurns(list, atOnce, act) {
  const results = [];
  for (let at = 0; at < list.length; at += atOnce)
    results.push(...(await Promise.all(list.slice(at, at + atOnce).map((one, i) => act(one, at + i)))));
  return results;
}

export const digits = (value, count = 1) => (Number.isFinite(value) ? value.toFixed(count) : 'none');
export const ms = (value) => digits(value, value < 10 ? 2 : 1);
export const megabytes = (bytes) => digits(bytes / 1e6, 2);

/**
 * One line of the summary. `figure` is compared with `most` (or `least`), `peer` is what the best peer did in this run.
 * The figure of a workload whose check failed never gets here.
 */
export function goal(what, { figure, most, least, unit = '', peer = '' }) {
  const reached = most !== undefined ? figure <= most : figure >= least;
  const number = (value) =>
    `${Math.abs(value) < 10 ? +value.toFixed(2) : Math.round(value * 10) / 10}${unit}`;
  return {
    what,
    peer: typeof peer === 'number' ? number(peer) : peer,
    goal: most !== undefined ? `<= ${number(most)}` : `>= ${number(least)}`,
    figure: number(figure),
    reached: reached ? 'yes' : 'no',
  };
}

/** A line of the summary that has no figure, and why. */
export const missing = (what, why) => ({
  what,
  peer: '',
  goal: '',
  figure: `not measured: ${why}`,
  reached: '',
});
