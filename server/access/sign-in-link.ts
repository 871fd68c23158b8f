/** A link that signs its person in, once and for ten minutes. */
export interface SignInLink {
  /** Goes behind `/link/` in the address; not kept. */
  readonly code: string;
  readonly expires: Date;
}
