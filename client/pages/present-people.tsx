/** Who reads here now, as rings with initials; a press names them. */

import { useTranslation } from 'react-i18next';
import { Popover } from '../elements/popover.js';
import { useStore } from '../elements/store.js';
import { Avatar, Name, usePeople } from '../people/person.js';
import { onePerPerson } from '../reading/presence.js';
import type { RoomCopy } from '../session/types.js';

export function PresentPeople({ content, narrow }: { content: RoomCopy; narrow: boolean }) {
  const { t } = useTranslation();
  const { me } = usePeople();
  const others = onePerPerson(useStore(content.people)).filter(({ id }) => id !== me);
  const room = narrow ? 2 : 5;
  const shown = others.slice(0, others.length > room ? room - 1 : room);
  const more = others.length - shown.length;
  const names = [...others.map(({ name }) => name), t('you')].join(t('list.comma'));
  return (
    <Popover
      label={t('present', { count: others.length + 1, names })}
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
          {[{ id: me, away: false }, ...others].map(({ id, away }) => (
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
