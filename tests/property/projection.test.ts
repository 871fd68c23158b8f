import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import * as Y from 'yjs';
import { projectAll, projectChanges, type ProjectionChange } from '../../server/rooms/projection.js';
import { annotate, comment, entry } from '../support/people.js';

const layer = uuid();
const people = [uuid(), uuid()];
const act = fc.record({
  what: fc.constantFrom('annotate', 'comment', 'edit', 'resolve', 'hide', 'remove', 'react', 'assign'),
  who: fc.nat(1),
  which: fc.nat(1_000),
});

describe('the projection', () => {
  it('[PROJ5] kept up by what each batch touched it equals the one made from scratch', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const doc = new Y.Doc();
        const rows = new Map<string, ProjectionChange>();
        const keep = (list: readonly ProjectionChange[]): void => {
          for (const row of list) rows.set(row.id, row);
        };
        doc.on('afterTransaction', ({ changed }: Y.Transaction) => {
          const touched = new Map(
            [...changed].map(([type, keys]) => [Y.findRootTypeKey(type), new Set([...keys].map(String))]),
          );
          keep(projectChanges(doc, layer, touched));
        });
        for (const { what, who, which } of acts) {
          const by = people[who] ?? '';
          const threads = [...doc.getMap('annotations').keys()];
          const comments = [...doc.getMap('comments').keys()];
          const thread = threads[which % threads.length];
          const words = comments[which % comments.length];
          if (what === 'annotate' || thread === undefined) annotate(doc, by);
          else if (what === 'comment' || words === undefined) comment(doc, by, thread, `words ${which}`);
          else if (what === 'edit')
            doc.getMap('comments').set(words, { ...entry(doc, 'comments', words), body: `edited ${which}` });
          else if (what === 'resolve')
            doc.getMap('status').set(thread, { state: which % 2 ? 'resolved' : 'open', by, at: which });
          else if (what === 'hide')
            doc.getMap('hidden').set(which % 2 ? words : thread, { state: 'hidden', by, at: which });
          else if (what === 'assign') doc.getMap('assigned').set(thread, { to: by, by, at: which });
          else if (what === 'remove')
            doc.getMap('removed').set(which % 2 ? words : thread, { by, at: which });
          else doc.getMap('reactions').set(`${words} + ${by}`, true);
        }
        const sorted = (list: Iterable<ProjectionChange>): ProjectionChange[] =>
          [...list].sort((a, b) => a.id.localeCompare(b.id));
        expect(sorted(rows.values())).toEqual(sorted(projectAll(doc, layer)));
      }),
    );
  });
});
