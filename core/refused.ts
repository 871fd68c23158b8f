/**
 * How the inside of the gate says no from deep within a reader or a judge. It is caught at the gate's door and comes
 * out as a `Result`: nobody else throws or catches it.
 */

import type { Refusal, RefusalCode } from './result.js';

/** No `Error`: nobody reads where it was thrown, and to find that out takes a tenth of a refusal. */
export class Refused {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

export function refuseWith(refusal: Refusal): never {
  // eslint-disable-next-line @typescript-eslint/only-throw-error
  throw new Refused(refusal);
}

export function refused(code: RefusalCode, message: string): never {
  return refuseWith({ code, message });
}
