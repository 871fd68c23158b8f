/** What a host can meet and mend: told in one sentence, without a stack. Everything else that is thrown is a bug of ours. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
