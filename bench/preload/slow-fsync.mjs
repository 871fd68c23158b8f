// A disk that is slow to keep what was written: every fsync of the program takes SLOW_FSYNC milliseconds more.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const milliseconds = Number(process.env.SLOW_FSYNC);
const never = new Int32Array(new SharedArrayBuffer(4));
const { fsyncSync } = fs;
fs.fsyncSync = (descriptor) => {
  fsyncSync(descriptor);
  Atomics.wait(never, 0, 0, milliseconds);
};
syncBuiltinESMExports();
