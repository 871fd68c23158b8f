/** A person on the page: the initial in a ring, the name, and a badge for who leads the group. */

import { ShieldCheck } from 'lucide-react';
import { createContext, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { langOf } from '../language/lang-of.js';
import { hueOf, initialOf, type People } from './people.js';

const PeopleContext = createContext<People | null>(null);
export const PeopleProvider = PeopleContext.Provider;

export function usePeople(): People {
  const people = useContext(PeopleContext);
  if (!people) throw new Error('no people here');
  return people;
}

/** The name to be shown: "You" for myself, words for somebody who has left. */
export function useName(id: string): string {
  const { t } = useTranslation();
  const people = usePeople();
  const { name } = useStore(people.person(id));
  return id === people.me ? t('you') : name || t('somebody');
}

export function Avatar({ id, small = false, away = false }: { id: string; small?: boolean; away?: boolean }) {
  const { name } = useStore(usePeople().person(id));
  const classes = ['who', small && 'who--s', away && 'who--away'].filter(Boolean).join(' ');
  return (
    <span className={classes} data-p={hueOf(id)} lang={langOf(name)} aria-hidden="true">
      {initialOf(name)}
    </span>
  );
}

export function Name({ id }: { id: string }) {
  const { t } = useTranslation();
  const people = usePeople();
  const { name, role } = useStore(people.person(id));
  const shown = useName(id);
  const leads = role === 'owner' || role === 'moderator';
  return (
    <>
      <b lang={id === people.me ? undefined : langOf(name)}>{shown}</b>
      {leads && (
        <ShieldCheck className="i i--s badge" role="img" aria-label={t(`role.${role}`)} aria-hidden={false} />
      )}
    </>
  );
}
