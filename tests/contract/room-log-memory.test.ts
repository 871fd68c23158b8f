import { MemoryRoomLog, MemoryStore } from '../support/memory-room-log.js';
import { roomLogContract } from './room-log.js';

roomLogContract(() => {
  const store = new MemoryStore();
  const rows = (layer: string) => Promise.resolve(store.rowsOf(layer));
  return Promise.resolve({ log: new MemoryRoomLog(store), other: new MemoryRoomLog(store), rows });
});
