/** What a reader of the model test writes, by what his copy shows; every body is a word that is found nowhere else. */

import type { Annotation, Comment } from '../../core/entries.js';
import type { ModelReader, Written } from './model-readers.js';
import type { World } from './model-world.js';

/** A layer's ids are UUIDs; these are the same in every run of the same steps. */
export class Names {
  #count = 0;
  id(): string {
    return `01900000-0000-7000-8000-${(++this.#count).toString(16).padStart(12, '0')}`;
  }
  word(): string {
    return `<word ${++this.#count}>`;
  }
}

const created = Date.UTC(2026, 10, 1);

/** Nothing where there is nothing to do it to. */
export function act(world: World, names: Names, reader: ModelReader, choice: number): void {
  const { person: author, doc } = reader;
  const annotations = doc.getMap<Annotation>('annotations');
  const comments = doc.getMap<Comment>('comments');
  const one = (keys: readonly string[]): string | undefined =>
    keys[Math.floor(choice / 16) % Math.max(1, keys.length)];
  const mine = (map: typeof annotations | typeof comments): string[] =>
    [...map.keys()].filter((key) => map.get(key)?.author === author);
  const about = one([...annotations.keys()]);
  const said = one([...comments.keys()]);
  const at = created + (choice % 1000);
  const word = (id: string): string => {
    const made = names.word();
    world.wrote(id, made);
    return made;
  };
  const annotation = (): Written[] => {
    const id = names.id();
    const value: Annotation = {
      author,
      created: at,
      motivation: 'commenting',
      target: null,
      color: 'sky',
      tags: [word(id)],
    };
    return [{ map: 'annotations', key: id, value }];
  };
  const comment = (parent?: string): Written[] => {
    const on = parent === undefined ? about : comments.get(parent)?.annotation;
    if (on === undefined) return annotation();
    const id = names.id();
    const value: Comment = { annotation: on, author, created: at, body: word(id), ...(parent && { parent }) };
    return [{ map: 'comments', key: id, value }];
  };
  const mark = (map: string, key: string | undefined, value: object): Written[] =>
    key === undefined ? [] : [{ map, key, value: { ...value, by: author, at } }];
  const kinds: (() => Written[])[] = [
    annotation,
    () => comment(),
    () => comment(said),
    () => [...annotation(), ...comment()],
    () => {
      const key = one(mine(comments));
      const value = key !== undefined && comments.get(key);
      return value ? [{ map: 'comments', key, value: { ...value, body: word(key), edited: at } }] : [];
    },
    () => {
      const key = one(mine(annotations));
      const value = key !== undefined && annotations.get(key);
      return value ? [{ map: 'annotations', key, value: { ...value, tags: [word(key)], edited: at } }] : [];
    },
    () => mark('status', about, { state: choice % 2 ? 'resolved' : 'open' }),
    () => mark('assigned', about, { to: choice % 2 ? author : null }),
    () => {
      if (said === undefined) return [];
      const key = `${said} ${choice % 2 ? '👍' : '🐋'} ${author}`;
      return [{ map: 'reactions', key, value: doc.getMap('reactions').has(key) ? undefined : true }];
    },
    () => mark('removed', one(mine(choice % 3 ? comments : annotations)), {}),
    () =>
      world.roles.get(author) === 'moderator' ? mark('removed', choice % 2 ? said : about, {}) : comment(),
  ];
  const entries = kinds[choice % kinds.length]?.() ?? [];
  if (entries.length > 0) reader.write(entries);
}
