/** What an expected failure looks like everywhere: a value with a literal code, never a throw. */

/** Why the server did not take something. Every code has a sentence in `docs/` and in the page's languages. */
export type RefusalCode =
  | 'author' // in another's name
  | 'owner' // another's words
  | 'role' // the person's role does not allow it (now)
  | 'fixed' // a field that never changes was changed
  | 'shape' // wrong type, missing or unknown field, too long
  | 'type' // a kind of content that a room never holds
  | 'path' // a root, key or place that does not exist
  | 'reference' // names an entry of the wrong kind
  | 'removal' // things are marked as removed, never taken out
  | 'client' // a new struct under another person's Yjs client id
  | 'limit' // larger than the limits
  | 'malformed' // not a Yjs V1 update
  | 'integrity' // the recheck failed: nothing went out, the room was rebuilt
  | 'no-room' // no such room, or no right to it: both answer alike
  | 'no-session' // not signed in
  | 'behind' // leans on what the server has not seen yet: send all since its state vector
  | 'busy'; // over budget, or the queue is full: try again later

export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence in English, for logs and for people who write clients. */
  readonly message: string;
}

export type Result<T, E = Refusal> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const refuse = (code: RefusalCode, message: string): Result<never> => ({
  ok: false,
  error: { code, message },
});
