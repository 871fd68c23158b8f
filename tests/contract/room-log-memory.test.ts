import { MemoryRoomLog, MemoryStore } from '../support/memory-room-log.js';
import { roomLogContract } from './room-log.js';

roomLogContract(() => {
  const store = new MemoryStore();
  const rows = (layer: string) => Promise.resolve(store.rowsOf(layer));
  return Promise.resolve({
    log: new MemoryRoomLog(store),
    other: new MemoryRoomLog(store),
    rows,
    // Async, so that what is refused rejects instead of throwing at once.
    // eslint-disable-next-line @typescript-eslint/require-await
    keep: async (room, state) => store.keep(room, state),
    forget: (room, seq) => Promise.resolve(store.forget(room, seq)),
  });
});
