// The measurements by their names, in the order in which they run.
import { acknowledge } from './acknowledge.mjs';
import { coldOpen } from './cold-open.mjs';
import { durability } from './durability.mjs';
import { everyoneWrites } from './everyone-writes.mjs';
import { fanOut } from './fan-out.mjs';
import { hostile } from './hostile.mjs';
import { intoRooms } from './into-rooms.mjs';
import { judge } from './judge.mjs';
import { manyRooms } from './many-rooms.mjs';
import { memory } from './memory.mjs';
import { oldRoom } from './old-room.mjs';
import { presence } from './presence.mjs';

export const workloads = {
  judge,
  'fan-out': fanOut,
  'everyone-writes': everyoneWrites,
  'cold-open': coldOpen,
  memory,
  acknowledge,
  'into-rooms': intoRooms,
  'many-rooms': manyRooms,
  durability,
  presence,
  hostile,
  'old-room': oldRoom,
};
