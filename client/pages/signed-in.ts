/** The one session of this page: made when the first page needs it, and kept for all of them. */

import type { User } from '../session/api.js';
import { openSession } from '../session/session.js';
import type { Session } from '../session/types.js';

let opened: { user: string; session: Promise<Session> } | null = null;

export function sessionOf(user: User): Promise<Session> {
  if (opened?.user !== user.id) {
    const before = opened?.session;
    opened = { user: user.id, session: openSession({ me: user }) };
    void before?.then((session) => session.close());
  }
  return opened.session;
}

/** Somebody else may sign in next. */
export async function closeSession(): Promise<void> {
  const session = await opened?.session;
  opened = null;
  await session?.close();
}
