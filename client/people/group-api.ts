/** What the page asks about a group and about signing in on another device. Values, no throws. */

import type { Role } from '#core/roles.js';
import { send, type Answer, type User } from '../session/api.js';

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface GroupInvitation {
  readonly id: string;
  readonly url: string;
}

/** A list comes as `{items}`; a member as `{id, name, role}`, or with the person as `user`. */
type Listed<T> = { items: T[] };
type MemberAnswer = Member | { user: User; role: Role };

export async function members(group: string): Promise<readonly Member[] | null> {
  const answer = await send<Listed<MemberAnswer>>('GET', `/api/groups/${group}/members`);
  if (!answer.ok) return null;
  return answer.value.items.map((member) =>
    'user' in member ? { ...member.user, role: member.role } : member,
  );
}

/** The link that a person follows: `url`, or made of its `code`. */
type InvitationAnswer = { id: string; url?: string; code?: string; revokedAt?: string | null };

const toInvitation = ({ id, url, code }: InvitationAnswer): GroupInvitation => ({
  id,
  url: url ?? `${location.origin}/join/${code ?? ''}`,
});

export async function invitations(group: string): Promise<Answer<GroupInvitation[]>> {
  const answer = await send<Listed<InvitationAnswer>>('GET', `/api/groups/${group}/invitations`);
  return answer.ok ? { ok: true, value: answer.value.items.map(toInvitation) } : answer;
}

export async function invite(group: string): Promise<Answer<GroupInvitation>> {
  const answer = await send<InvitationAnswer>('POST', `/api/groups/${group}/invitations`, {});
  return answer.ok ? { ok: true, value: toInvitation(answer.value) } : answer;
}

/** Uses a one-time link up and signs in. */
export const signInByLink = (code: string): Promise<Answer<{ user: User }>> =>
  send('POST', `/api/link/${encodeURIComponent(code)}`, {});
