/**
 * Names for ids: who wrote, who is here. Members of the group are asked for once and again when an unknown id
 * turns up; people who are present are known from their presence.
 */

import type { Role } from '#core/roles.js';
import type { Present } from '#core/wire.js';
import { Value } from '../session/value.js';
import type { Store } from '../session/types.js';

export interface Person {
  readonly id: string;
  /** Empty while it is not known, or when the person has left the group. */
  readonly name: string;
  readonly role?: Role;
}

type Members = () => Promise<readonly { id: string; name: string; role: Role }[] | null>;

/** Milliseconds before members are asked for again because of an unknown id. */
const patience = 5000;

export class People {
  readonly me: string;
  /** Counts changes of any name: for those who name many at once. */
  readonly changes = new Value(0);
  readonly #people = new Map<string, Value<Person>>();
  readonly #members: Members;
  #asked = -Infinity;

  constructor(me: { id: string; name: string }, members: Members) {
    this.me = me.id;
    this.#members = members;
    this.person(me.id).set(me);
    this.#ask();
  }

  /** The same value each time, so a name that arrives later is drawn where it is needed. */
  person(id: string): Value<Person> {
    let person = this.#people.get(id);
    if (!person) {
      person = new Value<Person>({ id, name: '' });
      person.subscribe(() => this.changes.set(this.changes.get() + 1));
      this.#people.set(id, person);
      this.#ask();
    }
    return person;
  }

  name(id: string): string {
    return this.person(id).get().name;
  }

  /** Learns names from presence, as the server vouches for them. Returns how to stop. */
  watch(present: Store<readonly Present[]>): () => void {
    const learn = () => {
      for (const { user } of present.get()) {
        const person = this.person(user.id);
        if (person.get().name === '') person.set({ ...person.get(), name: user.name });
      }
    };
    learn();
    return present.subscribe(learn);
  }

  #ask(): void {
    if (performance.now() - this.#asked < patience) return;
    this.#asked = performance.now();
    void this.#members().then((members) => {
      for (const { id, name, role } of members ?? []) {
        const person = this.person(id);
        const known = person.get();
        if (known.name !== name || known.role !== role) person.set({ id, name, role });
      }
    });
  }
}

/** One of the six colours of presence, the same for a person on every page. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return (sum % 6) + 1;
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const initials = new Map<string, string>();

export function initialOf(name: string): string {
  const known = initials.get(name);
  if (known) return known;
  const [first] = characters.segment(name);
  const initial = (first?.segment ?? '?').toLocaleUpperCase();
  initials.set(name, initial);
  return initial;
}
