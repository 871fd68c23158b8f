/**
 * Judges rooms of entries: layers and self rooms. Every new struct must be a plain value of a known map that the
 * rules let this person write, and every living item that is ended must be overwritten by the same person here, or
 * be a key that he may take out.
 */

import type * as Y from 'yjs';
import { countedBy, Draft, ReactionCounts, type Maps } from './draft.js';
import { limits, type Comment } from './entries.js';
import type { Holdings } from './holdings.js';
import { touch, type Judge, type Judgement, type Touched } from './judge.js';
import { refused, refuseWith } from './refused.js';
import type { Refusal } from './result.js';
import {
  checkNumber,
  checkShape,
  checkWrite,
  parseReaction,
  type Rule,
  type Rules,
  type Writer,
} from './rules.js';
import { Pace, type Steps } from './steps.js';
import { contentRef, type Section, type Struct } from './update.js';

export class EntryJudge implements Judge {
  readonly kinds: ReadonlySet<number> = new Set([contentRef.value, contentRef.deleted]);
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #maps: Maps;
  readonly #counts: ReactionCounts;
  readonly #room: Holdings;

  /** The document holds the maps of the rules and no other root. */
  constructor(doc: Y.Doc, rules: Rules, room: Holdings) {
    this.#rules = new Map(Object.entries(rules));
    this.#maps = new Map(Array.from(this.#rules.keys(), (name) => [name, doc.getMap(name)]));
    this.#counts = new ReactionCounts(this.#maps.get('reactions'));
    this.#room = room;
  }

  isRemovable(root: string): boolean {
    return this.#rules.get(root)?.removable === true;
  }

  *ofOthers(sections: readonly Section[], writer: Writer): Steps<readonly Section[]> {
    const pace = new Pace();
    const authors = new Map<string, string>();
    for (const { structs } of sections)
      for (const { root, key, content } of structs) {
        const author = content.kind === 'value' ? field(content.value, 'author') : undefined;
        if (author !== undefined) authors.set(`${root} ${key}`, author);
        if (pace.spend(0.5)) yield;
      }
    const person = ({ root, key, content }: Struct): string | undefined => {
      if (root === 'reactions') return parseReaction(key ?? '')?.person;
      const signed = content.kind === 'value' ? field(content.value, 'by') : undefined;
      const entry = this.#maps.get(root ?? '')?.get(key ?? '');
      return signed ?? authors.get(`${root} ${key}`) ?? field(entry, 'author');
    };
    const others: Section[] = [];
    for (const section of sections)
      for (const struct of section.structs) {
        if (pace.spend(1)) yield;
        if ((person(struct) ?? writer.id) === writer.id) continue;
        others.push(section);
        break;
      }
    return others;
  }

  *judge(sections: readonly Section[], writer: Writer): Steps<Judgement> {
    const pace = new Pace();
    const draft = new Draft(this.#maps, this.#counts);
    const touched: Touched = new Map();
    const entries: { rule: Rule; root: string; key: string; struct: Struct }[] = [];
    for (const { structs } of sections) {
      for (const struct of structs) {
        const { root, key, content, right } = struct;
        if (root === null || key === null || right) return refused('path', 'no entry of a map');
        const rule = this.#ruleOf(root);
        if (content.kind === 'value') {
          const fault = checkShape(root, rule, content.value);
          if (fault) refuseWith(fault);
          draft.write(root, key, content.value);
        }
        touch(touched, root, key);
        entries.push({ rule, root, key, struct });
        if (pace.spend(cost.shape + struct.size * cost.byte)) yield;
      }
    }

    const mayEnd = (item: Y.Item): boolean | Refusal => {
      const place = this.#room.placeOf(item);
      if (!place || place.key === null) return refused('path', 'no entry of a map');
      const { root, key } = place;
      if (!touched.get(root)?.has(key)) {
        const rule = this.#ruleOf(root);
        const fault = rule.removable ? rule.may(key, writer, draft) : keptForever;
        if (fault) return fault;
        touch(touched, root, key);
      }
      draft.takeOut(root, key);
      return true;
    };

    const conclude = function* (): Steps<void> {
      for (const { rule, root, key, struct } of entries) {
        const { content } = struct;
        if (pace.spend(cost.rule + struct.size * cost.byte)) yield;
        const fault =
          content.kind === 'value'
            ? checkWrite(rule, key, content.value, writer, draft)
            : (rule.may(key, writer, draft) ?? (rule.removable || draft.has(root, key) ? null : valueUnseen));
        if (fault) refuseWith(fault);
      }
      yield* refuseCircles(draft.written('comments'));
    };
    return { touched, mayEnd, conclude };
  }

  /** Entries that the server writes in somebody's name: each may name those before it. Throws `Refused`. */
  judgeEntries(entries: readonly { map: string; key: string; value: unknown }[], writer: Writer): Touched {
    const draft = new Draft(this.#maps, this.#counts);
    const touched: Touched = new Map();
    const judgeOne = (rule: Rule, map: string, key: string, value: unknown): Refusal | null => {
      if (value === undefined) {
        draft.takeOut(map, key);
        return rule.removable ? rule.may(key, writer, draft) : keptForever;
      }
      const fault = checkShape(map, rule, value);
      if (fault) return fault;
      draft.write(map, key, value);
      return checkWrite(rule, key, value, writer, draft) ?? checkNumber(rule, key, writer, draft);
    };
    for (const { map, key, value } of entries) {
      const fault = judgeOne(this.#ruleOf(map), map, key, value);
      if (fault) refuseWith(fault);
      touch(touched, map, key);
    }
    return touched;
  }

  tooMany(touched: Touched): ReadonlyMap<string, readonly string[]> {
    const over = new Map<string, readonly string[]>();
    const reactions = this.#maps.get('reactions');
    const keys = touched.get('reactions');
    if (!reactions || !keys) return over;
    const left = new Map<string, number>();
    const tooMany: string[] = [];
    for (const key of [...keys].reverse()) {
      if (key === null || !reactions.has(key)) continue;
      const name = countedBy(key);
      const excess = left.get(name) ?? this.#counts.of(name) - limits.reactions;
      if (excess > 0) tooMany.push(key);
      left.set(name, excess - 1);
    }
    return tooMany.length > 0 ? over.set('reactions', tooMany) : over;
  }

  #ruleOf(map: string): Rule {
    return this.#rules.get(map) ?? refused('path', `no map ${map} here`);
  }
}

/** What judging a struct takes, in microseconds. */
const cost = { shape: 4, rule: 3, byte: 0.02 } as const;

const keptForever: Refusal = { code: 'removal', message: 'entries are marked as removed, never taken out' };
const valueUnseen: Refusal = { code: 'behind', message: 'an entry whose value is not here yet' };

function field(value: unknown, name: 'author' | 'by'): string | undefined {
  const found = typeof value === 'object' && value ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** Replies in a circle can only come within one update: what the room holds leads to what it held before. */
function* refuseCircles(comments: ReadonlyMap<string, Comment>): Steps<void> {
  const pace = new Pace();
  const rooted = new Set<string | undefined>([undefined]);
  for (const start of comments.keys()) {
    const path = new Set<string>();
    for (let at: string | undefined = start; at !== undefined && !rooted.has(at);) {
      if (path.has(at)) refused('reference', 'replies in a circle');
      path.add(at);
      if (pace.spend(0.5)) yield;
      at = comments.get(at)?.parent;
    }
    for (const key of path) rooted.add(key);
  }
}
