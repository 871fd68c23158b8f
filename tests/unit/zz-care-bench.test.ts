import { test } from 'vitest';
import { randomUUID } from 'node:crypto';
import * as Y from 'yjs';
import { embeddedStore, postgresStore } from '../support/databases.js';
import { createRoomLog } from '../../server/database/room-log.js';
import { createLogCare } from '../../server/database/care/log-care.js';
// @ts-ignore
import { big } from '/tmp/care/big.mjs';

function ticker() {
  let worst = 0, last = performance.now(), over5 = 0;
  const t = setInterval(() => { const n = performance.now(); const d = n - last - 1; if (d > worst) worst = d; if (d > 5) over5++; last = n; }, 1);
  return { stop: () => (clearInterval(t), { worst: worst.toFixed(1), over5 }), reset: () => { worst = 0; over5 = 0; last = performance.now(); } };
}
for (const [kind, fresh] of [['embedded', embeddedStore], ['postgres', postgresStore]] as const)
test(kind, async () => {
  const db = await (await fresh()).open();
  const log = createRoomLog(db);
  const room = `layer:${randomUUID()}` as const;
  const { out, people } = big();
  let t = performance.now();
  for (let i = 0, seq = 1; i < out.length; i += 20, seq++)
    await log.append([{ room, seq, epoch: 'e', parts: out.slice(i, i + 20), clients: new Map(), removes: false, projection: [] }]);
  console.log(kind, 'wrote', (performance.now() - t).toFixed(0));
  const head = await log.head(room);
  let looked: (v: any) => void = () => {};
  const care = createLogCare(db, { report: (p, d) => console.log('REPORT', p, d), pace: { quiet: 10, longest: 10, rest: 10 }, keep: { batches: 500, milliseconds: 0, least: 100 },
    looked: (r, l, ms) => looked({ ...l, ms: ms.toFixed(0) }) });
  const once = (removed: boolean) => { const p = new Promise((r) => (looked = r)); care.grown(room, { parts: 30000, bytes: 9e6, removed }, () => {}); return p; };
  const probe = async (f: () => Promise<any>) => {
    // a commit elsewhere every 20 ms
    let stop = false, worst = 0, n = 0; const other = `layer:${randomUUID()}` as const; let seq = 0;
    const writer = (async () => { while (!stop) { const b = performance.now(); await log.append([{ room: other, seq: ++seq, epoch: 'e', parts: [{ update: new Uint8Array(300), person: people[0] }], clients: new Map(), removes: false, projection: [] }]); worst = Math.max(worst, performance.now() - b); n++; await new Promise((r) => setTimeout(r, 20)); } })();
    const tick = ticker(); const v = await f(); const loop = tick.stop(); stop = true; await writer; return { v, loop, worstCommit: worst.toFixed(1), n };
  };
  console.log(kind, 'idle', JSON.stringify(await probe(() => new Promise((r) => setTimeout(r, 1000)))));
  console.log(kind, 'state+compact', JSON.stringify(await probe(() => once(false))));
  console.log(kind, 'history', (await db.pool.query('select (select count(*) from room_log where room=$1) log, count(*), sum(octet_length(update)) from room_history where room=$1', [room])).rows);
  for (let i = 0; i < 3; i++) { t = performance.now(); const tick = ticker(); const l = await log.load(room); console.log(kind, 'load', (performance.now() - t).toFixed(1), l.stored?.pieces.length, l.stored?.stateVector.length, l.stored?.deletions.length, l.tail.length, JSON.stringify(tick.stop())); }
  // remove 100 comments' words: marks by one writer with its doc
  const doc = new Y.Doc(); for (const { update } of out) Y.applyUpdate(doc, update);
  const ups: Uint8Array[] = []; doc.on('update', (u: Uint8Array) => ups.push(u));
  doc.transact(() => { let i = 0; for (const id of doc.getMap('comments').keys()) { if (i++ % 200) continue; doc.getMap('removed').set(id, { by: people[0], at: 1 }); doc.getMap('comments').set(id, { ...(doc.getMap('comments').get(id) as object), body: '' }); } });
  await log.append([{ room, seq: head + 1, epoch: 'e', parts: [{ update: ups[0]!, person: people[0] }], clients: new Map(), removes: true, projection: [] }]);
  console.log(kind, 'cleanse', JSON.stringify(await probe(() => once(true))));
  await care.close();
}, 120000);
