import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Comment } from '#core/entries.js';
import { openLayer } from '../../client/session/layer.js';
import { FakeServer } from '../support/fake-server.js';
import { layerRoom, Reader, stored } from '../support/reading.js';

/** What may happen to two readers, in any order. `who` picks the reader, `n` whatever else there is to pick. */
const happening = fc.record({
  what: fc.constantFrom(
    'note',
    'note',
    'bad note',
    'reply',
    'react',
    'status',
    'recolour',
    'cut',
    'online',
    'reload',
    'busy',
    'calm',
    'restore',
    'keep the state',
    'forget the log',
    'together',
    'another',
    'steps',
    'steps',
    'time',
  ),
  who: fc.nat(1),
  n: fc.nat(12),
});

/** Lets time pass until nobody waits for it any more. */
async function calm(server: FakeServer, readers: readonly Reader[]): Promise<void> {
  server.verdict = ({ writes }) => (writes.some(isBad) ? 'shape' : null);
  for (const { connection } of readers) connection.open();
  await server.settle();
  // A frame that was lost is missed once another one comes.
  server.edit(layerRoom, somebodyElse(0));
  for (let round = 0; round < 4; round++) {
    await server.settle();
    for (const { clock } of readers) clock.advance(60_000);
  }
  await server.settle();
}

/** A change of somebody whom nobody here knows. */
const somebodyElse = (n: number) => (doc: Y.Doc) =>
  void doc.getMap('status').set(`elsewhere ${n % 5}`, { state: 'open', by: 'cleo', at: n });

const isBad = ({ map, value }: { map: string; value: unknown }): boolean =>
  map === 'comments' && (value as Comment).body.startsWith('bad');

it('[SYNC21] whatever is cut, refused, reloaded or restored: words arrive once or are drafts, and all read the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (happenings) => {
      const server = new FakeServer();
      const readers = [await Reader.online(server, 'anna'), await Reader.online(server, 'ben')] as const;
      const written: string[] = [];
      let busy = false;
      server.verdict = ({ writes }) => (busy ? 'busy' : writes.some(isBad) ? 'shape' : null);

      for (const { what, who, n } of happenings) {
        const reader = readers[who as 0 | 1];
        const ids = reader.layer.ids.get();
        const id = ids[n % Math.max(ids.length, 1)] ?? '';
        const body = `${what === 'bad note' ? 'bad' : 'good'} ${written.length}`;
        switch (what) {
          case 'note':
          case 'bad note':
            if (reader.layer.annotate({ target: null, motivation: 'commenting', color: 'amber', body }))
              written.push(body);
            break;
          case 'reply':
            if (reader.layer.comment({ annotation: id, body })) written.push(body);
            break;
          case 'react':
            reader.layer.react(reader.layer.thread(id).get()?.comments[0]?.id ?? '', '👍', n % 2 === 0);
            break;
          case 'status':
            reader.layer.setStatus(id, n % 2 === 0 ? 'resolved' : 'open');
            break;
          case 'recolour':
            reader.layer.editAnnotation(id, { color: n % 2 === 0 ? 'rose' : 'moss' });
            break;
          case 'cut':
            reader.connection.cut();
            break;
          case 'online':
            reader.goesOnline();
            break;
          case 'reload':
            await reader.reloads();
            break;
          case 'busy':
            busy = true;
            break;
          case 'calm':
            busy = false;
            break;
          case 'restore':
            server.restore(layerRoom, Y.encodeStateAsUpdate(server.room(layerRoom).doc));
            break;
          case 'keep the state':
            server.keepState(layerRoom);
            break;
          case 'forget the log':
            server.forgetLog(layerRoom);
            break;
          case 'together':
            server.together = somebodyElse(n);
            break;
          case 'another':
            server.edit(layerRoom, somebodyElse(n), n % 3 === 0);
            break;
          case 'steps':
            for (let step = 0; step < n; step++) {
              await new Promise<void>((resolve) => setImmediate(resolve));
              server.step();
            }
            break;
          case 'time':
            reader.clock.advance(n * 1_000);
            break;
        }
        for (const { copy, layer, session } of readers) {
          const kept = session.drafts.get().map(({ comment }) => comment?.body);
          if (copy.delivery.get().state !== 'stored') continue;
          // What is said to be stored is: everything that this copy shows.
          expect(kept).toEqual([]);
          for (const thread of layer.ids.get())
            for (const { comment } of layer.thread(thread).get()?.comments ?? [])
              expect(stored(server)).toContain(comment.body);
        }
      }
      await calm(server, readers);

      const drafts = readers.flatMap(({ session }) => session.drafts.get());
      const kept = drafts.flatMap(({ comment }) => comment?.body ?? []);
      expect([...stored(server), ...kept].sort()).toEqual([...written].sort());
      const truth = server.room(layerRoom).doc;
      expect(truth.store.pendingStructs).toBeNull();
      for (const { copy, layer, session } of readers) {
        const doc = copy.doc.get();
        for (const map of truth.share.keys())
          expect(doc.getMap(map).toJSON()).toEqual(truth.getMap(map).toJSON());
        expect(copy.unstored.get().size).toBe(0);
        expect(copy.delivery.get().state).toBe(session.drafts.get().length > 0 ? 'refused' : 'stored');
        // The index that was kept up equals one that is built from nothing.
        const anew = openLayer(copy, session);
        expect([...layer.ids.get()].sort()).toEqual([...anew.ids.get()].sort());
        for (const id of anew.ids.get()) expect(layer.thread(id).get()).toEqual(anew.thread(id).get());
      }
      for (const { session } of readers) await session.close();
    }),
    { numRuns: 200 },
  );
});
