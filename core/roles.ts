/** What a person may do in a room: the matrix of roles, and how kinds of room bend it. */

import type { RoomKind } from './rooms.js';

export type Role = 'owner' | 'moderator' | 'editor' | 'reader' | 'viewer';

/** Rights in one room. They are looked up again for every batch, so a right that ends, ends at once. */
export interface Rights {
  readonly read: boolean;
  readonly comment: boolean;
  /** Change the text. */
  readonly edit: boolean;
  /** Accept and reject suggestions, attach anew. */
  readonly decide: boolean;
  readonly moderate: boolean;
}

export const noRights: Rights = { read: false, comment: false, edit: false, decide: false, moderate: false };

const matrix: Record<Role, Rights> = {
  owner: { read: true, comment: true, edit: true, decide: true, moderate: true },
  moderator: { read: true, comment: true, edit: false, decide: false, moderate: true },
  editor: { read: true, comment: true, edit: true, decide: true, moderate: false },
  reader: { read: true, comment: true, edit: false, decide: false, moderate: false },
  viewer: { read: true, comment: false, edit: false, decide: false, moderate: false },
};

export const roles = Object.keys(matrix) as Role[];

/** Rights of a member with this role in the group's rooms. */
export const rightsOf = (role: Role): Rights => matrix[role];

/** In one's private layer one comments and moderates; nobody else enters it. The same holds for `self`. */
export const privateRights: Rights = {
  read: true,
  comment: true,
  edit: false,
  decide: false,
  moderate: true,
};

/** Whether these rights let one write anything at all into a room of this kind. */
export const mayWrite = (kind: RoomKind, rights: Rights): boolean =>
  kind === 'content' ? rights.edit : rights.comment;
