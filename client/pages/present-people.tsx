/** Who reads here now, as rings with initials; a press names them. */

import { useTranslation } from 'react-i18next';
import { Popover } from '../elements/popover.js';
import { useStore } from '../elements/store.js';
import { Avatar, Name, usePeople } from '../people/person.js';
import { onePerPerson } from '../reading/presence.js';
import type { RoomCopy } from '../session/types.js';

/** Names that are listed at once. */
const mostNames = 50;

export function PresentPeople({ content, narrow }: { content: RoomCopy; narrow: boolean }) {
  const { t } = useTranslation();
  const { me } = usePeople();
  const others = onePerPerson(useStore(content.people)).filter(({ id }) => id !== me);
  const crowd = useStore(content.crowd);
  const count = Math.max(crowd, others.length + 1);
  // Of so many nobody reads the names: a number says it, and those of whom the server told are listed on demand.
  const room = crowd > 0 ? 1 : narrow ? 2 : 5;
  const shown = others.slice(0, others.length > room ? room - 1 : room);
  const more = count - 1 - shown.length;
  const names = [...others.map(({ name }) => name), t('you')].join(t('list.comma'));
  return (
    <Popover
      label={crowd > 0 ? t('present.many', { count }) : t('present', { count, names })}
      kind="panel"
      className="stack"
      face={
        <>
          {shown.map(({ id, away }) => (
            <Avatar key={id} id={id} small={narrow} away={away} />
          ))}
          {more > 0 && (
            <span className={narrow ? 'who who--s who--more' : 'who who--more'} aria-hidden="true">
              +{more}
            </span>
          )}
          <Avatar id={me} small={narrow} />
        </>
      }
    >
      {() => (
        <ul className="panel people">
          {[{ id: me, away: false }, ...others].slice(0, mostNames).map(({ id, away }) => (
            <li key={id} className="row">
              <Avatar id={id} small away={away} />
              <Name id={id} />
              {away && <span className="quiet small">{t('away')}</span>}
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
