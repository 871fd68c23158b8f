/**
 * How the inside of the gate says no from deep within a reader or a judge. It is caught at the gate's door and comes
 * out as a `Result`: nobody else throws or catches it.
 */

import type { Refusal, RefusalCode } from './result.js';

export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function refused(code: RefusalCode, message: string): never {
  throw new Refused({ code, message });
}
