// A program of `old-room`: writes the log of a layer that has been worked in for years, straight into the database of a
// server that is not running. Thousands of past client ids are nothing that anybody could send in a minute.
import { openDatabase } from '../dist/server/database/open.js';
import { createRoomLog } from '../dist/server/database/room-log.js';
import * as Y from 'yjs';
import { marker, Writer } from './work.mjs';

const { dataDir, room, person, clients, ranges, last } = JSON.parse(process.argv[2]);
const partsPerBatch = 500;

const writer = new Writer(person);
const { doc } = writer;
const threads = [];
const first = writer.together(() => {
  for (let i = 0; i < Math.ceil(ranges / clients); i++) threads.push(writer.annotate(i).id);
});
const database = await openDatabase({
  dataDir,
  onFatal: (error) => {
    throw error;
  },
});
const log = createRoomLog(database);
const { epoch, seq: before } = await log.load(room);
let seq = before;
let parts = [{ update: first, person }];
let bound = new Map([[doc.clientID, person]]);
const commit = async () => {
  const batch = { room, seq: ++seq, epoch, parts, clients: bound, removes: false, projection: [] };
  const [outcome] = await log.append([batch]);
  if (outcome !== 'committed') throw new Error(`the old log met a ${outcome}`);
  parts = [];
  bound = new Map();
};
// Every client resolves each thread anew, which ends what the one before him wrote there, and reacts in between: so what
// is ended of each client lies in pieces.
let vector = null;
for (let client = 0; client < clients; client++) {
  if (client === clients - last) vector = Y.encodeStateVector(doc);
  doc.clientID = 1_000_000 + client;
  const update = writer.together(() => {
    for (const id of threads) {
      doc.getMap('status').set(id, { state: 'resolved', by: person, at: Date.now() });
      doc.getMap('assigned').set(`${id.slice(0, 24)}${String(client).padStart(12, '0')}`, {
        to: null,
        by: person,
        at: Date.now(),
      });
    }
    if (client >= clients - last) writer.comment(threads[0], client, marker(client));
  });
  parts.push({ update, person });
  bound.set(doc.clientID, person);
  if (parts.length >= partsPerBatch) await commit();
}
if (parts.length > 0) await commit();
await database.close();
const state = Y.encodeStateAsUpdate(doc);
const deleted = [...Y.createDeleteSetFromStructStore(doc.store).clients.values()];
process.send(
  {
    state: Buffer.from(state).toString('base64'),
    before: Buffer.from(vector).toString('base64'),
    threads,
    clients: doc.store.clients.size,
    ranges: deleted.reduce((sum, all) => sum + all.length, 0),
  },
  () => process.exit(0),
);
