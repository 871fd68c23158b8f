/** What the page asks about a group and about signing in on another device. Values, no throws. */

import type { Role } from '#core/roles.js';
import { send, type Answer } from '../session/api.js';

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface GroupInvitation {
  readonly id: string;
  readonly url: string;
  readonly role: Role;
  /** ISO 8601, UTC. */
  readonly expires: string | null;
  /** How many may join by it, and how many have. */
  readonly uses: number | null;
  readonly used: number;
}

interface List<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export async function members(group: string): Promise<readonly Member[] | null> {
  const found: Member[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor && `?cursor=${encodeURIComponent(cursor)}`;
    const answer = await send<List<Member>>('GET', `/api/groups/${group}/members${query}`);
    if (!answer.ok) return null;
    found.push(...answer.value.items);
    cursor = answer.value.next;
  }
  return found;
}

/** Those that still let somebody in. */
export async function invitations(group: string): Promise<Answer<GroupInvitation[]>> {
  const answer = await send<List<GroupInvitation>>('GET', `/api/groups/${group}/invitations`);
  if (!answer.ok) return answer;
  const open = answer.value.items.filter(
    ({ uses, used, expires }) =>
      (uses === null || used < uses) && (expires === null || Date.parse(expires) > Date.now()),
  );
  return { ok: true, value: open };
}

export const invite = (group: string): Promise<Answer<GroupInvitation>> =>
  send('POST', `/api/groups/${group}/invitations`, {});
