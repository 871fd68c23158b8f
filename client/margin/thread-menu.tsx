/** What else can be done with a thread. */

import { Ellipsis, Link2, PenLine, Trash2, Unlink } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MenuItem, Popover } from '../elements/popover.js';
import { useStore } from '../elements/store.js';
import { tellRefused } from '../elements/toast.js';
import { usePeople } from '../people/person.js';
import type { Place } from '../reading/places.js';
import type { CommentView } from '../session/types.js';
import { useReader } from './reader.js';
import { RemoveDialog } from './remove-dialog.js';

interface ThreadMenuProps {
  place: Place;
  body: CommentView | undefined;
  onEdit: () => void;
}

export function ThreadMenu({ place, body, onEdit }: ThreadMenuProps) {
  const { t } = useTranslation();
  const reader = useReader();
  const people = usePeople();
  const may = useStore(place.layer.layer.copy.may);
  const [removing, setRemoving] = useState(false);
  const { layer, thread, id } = place;
  const removed = thread.removed !== undefined;
  const mine = thread.annotation.author === people.me && may.comment;
  const mayMove = mine || may.moderate || may.decide;

  /** The mark itself and its author's words; what others replied stays. */
  const remove = () => {
    const marked = layer.layer.remove(id);
    const emptied = !body || body.removed !== undefined || layer.layer.remove(body.id);
    if (!marked || !emptied) tellRefused(t('post.refused'));
  };

  return (
    <>
      <Popover
        label={t('more')}
        kind="menu"
        className="iconbtn iconbtn--s"
        face={<Ellipsis className="i" aria-hidden="true" />}
      >
        {(close) => {
          const item = (act: () => void) => () => {
            close();
            act();
          };
          return (
            <>
              <MenuItem onClick={item(() => reader.copyLink(place))}>
                <Link2 className="i" aria-hidden="true" />
                {t('copy-link')}
              </MenuItem>
              {mine && body && !removed && !body.removed && (
                <MenuItem onClick={item(onEdit)}>
                  <PenLine className="i" aria-hidden="true" />
                  {t('edit')}
                </MenuItem>
              )}
              {mayMove && !removed && thread.target && (
                <MenuItem onClick={item(() => reader.attach(place))}>
                  <Unlink className="i" aria-hidden="true" />
                  {t('attach')}
                </MenuItem>
              )}
              {(mine || may.moderate) && !removed && (
                <>
                  <hr />
                  <MenuItem onClick={item(() => setRemoving(true))}>
                    <Trash2 className="i" aria-hidden="true" />
                    {thread.comments.length > 1 ? t('remove.replies-stay') : t('remove')}
                  </MenuItem>
                </>
              )}
            </>
          );
        }}
      </Popover>
      {removing && <RemoveDialog onClose={() => setRemoving(false)} onRemove={remove} />}
    </>
  );
}
