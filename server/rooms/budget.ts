/**
 * What one person may cost the server: bytes, judging time and new Yjs client ids, over all connections, rooms and
 * doors. Each is a bucket that holds a minute's worth and fills again all the time. Who has emptied one is over budget
 * until a tenth of it is back; what comes meanwhile is refused as `busy`, and nothing of it is judged or stored.
 */

import type { Clock } from './ports.js';

/**
 * A minute's worth. An honest minute at its heaviest (a book pasted, a script that annotates it) is some megabytes and
 * some ten thousand updates, of 20-50 microseconds each.
 */
const aMinute = {
  /** Bytes of what was sent, with `envelope` for each message. */
  bytes: 64 * 1024 * 1024,
  /** Milliseconds of judging. */
  time: 3_000,
  /** Yjs client ids that nobody had used in the room. */
  clients: 30,
  /** The same of the first sync of each connection and room: it may hold weeks of work offline, under many ids. */
  firstBytes: 128 * 1024 * 1024,
  firstClients: 2_000,
};
type What = keyof typeof aMinute;
const all = Object.keys(aMinute) as What[];

/** What a message costs besides its bytes, so that a flood of tiny ones is no bargain. */
const envelope = 256;
const minute = 60_000;
/** The part of a bucket that must be back before somebody is within his budget again. */
const calm = 0.1;
/** People beyond whom those with full buckets are forgotten. */
const mostRemembered = 1_000;

interface Account {
  readonly left: Record<What, number>;
  /** Which buckets were emptied, and are not calm yet. */
  readonly over: Set<What>;
  at: number;
}

export interface Charge {
  readonly bytes: number;
  /** Part of the first sync that a connection makes of a room. */
  readonly first?: boolean;
}

export class Budgets {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Charges a message. False: over budget, the message is to be refused, and nothing was charged. */
  take(person: string, { bytes, first = false }: Charge): boolean {
    const account = this.#account(person);
    if (!first && account.over.size > 0 && (account.over.has('bytes') || account.over.has('time')))
      return false;
    return this.#spend(account, first ? 'firstBytes' : 'bytes', bytes + envelope, true);
  }

  /** What judging this person's work took, in milliseconds: known only afterwards. */
  spent(person: string, ms: number): void {
    this.#spend(this.#account(person), 'time', ms, false);
  }

  /** How many client ids that are new in a room this person may still bind. */
  mayBind(person: string, first = false): number {
    const account = this.#account(person);
    return Math.max(0, Math.floor(account.left[first ? 'firstClients' : 'clients']));
  }

  bound(person: string, clients: number, first = false): void {
    if (clients > 0) this.#spend(this.#account(person), first ? 'firstClients' : 'clients', clients, false);
  }

  /** Seconds until what this person sends is taken again; 0: it is taken now. */
  retryAfter(person: string): number {
    const account = this.#account(person);
    const waits = [...account.over]
      .filter((what) => what === 'bytes' || what === 'time')
      .map((what) => (calm * aMinute[what] - account.left[what]) / (aMinute[what] / minute));
    return Math.ceil(Math.max(0, ...waits) / 1000);
  }

  #spend(account: Account, what: What, amount: number, whole: boolean): boolean {
    if (account.over.has(what) && whole) return false;
    // A message is taken or not; time and ids are known afterwards, and may be owed.
    if (whole && amount > account.left[what]) {
      account.over.add(what);
      return false;
    }
    account.left[what] -= amount;
    if (account.left[what] <= 0) account.over.add(what);
    return true;
  }

  #account(person: string): Account {
    const now = this.#clock.now();
    let account = this.#accounts.get(person);
    if (!account) {
      if (this.#accounts.size >= mostRemembered) this.#forget(now);
      account = { left: { ...aMinute }, over: new Set(), at: now };
      this.#accounts.set(person, account);
    }
    refill(account, now);
    return account;
  }

  #forget(now: number): void {
    for (const [person, account] of this.#accounts) {
      refill(account, now);
      if (all.every((what) => account.left[what] >= aMinute[what])) this.#accounts.delete(person);
    }
  }
}

function refill(account: Account, now: number): void {
  const passed = now - account.at;
  if (passed === 0) return;
  account.at = now;
  // The clock may have been set back: then nothing is given, and nothing taken.
  if (passed < 0) return;
  for (const what of all)
    account.left[what] = Math.min(aMinute[what], account.left[what] + (passed / minute) * aMinute[what]);
  for (const what of account.over) if (account.left[what] >= calm * aMinute[what]) account.over.delete(what);
}
