/** Others' live selections: a line where each ends, with the name. Over the text, so nothing in it moves. */

import { useLayoutEffect, useMemo, useRef } from 'react';
import { useStore } from '../elements/store.js';
import { langOf } from '../language/lang-of.js';
import type { Present } from '#core/wire.js';
import { hueOf } from '../people/people.js';
import { selectedBy } from './presence.js';
import type { Stage } from './stage.js';

export function Flags({ people, stage }: { people: readonly Present[]; stage: Stage }) {
  const layout = useStore(stage.laidOut);
  const list = useRef<HTMLDivElement>(null);
  const selecting = useMemo(() => people.filter((person) => selectedBy(person) !== null), [people]);

  useLayoutEffect(() => {
    const dom = stage.dom.get();
    if (!dom || !list.current || selecting.length === 0) return;
    const origin = dom.root.getBoundingClientRect();
    selecting.forEach((person, index) => {
      const flag = list.current?.children[index];
      const selection = selectedBy(person);
      const box = selection && selection.to > 0 ? dom.boxAt(selection.to - 1) : null;
      if (!(flag instanceof HTMLElement)) return;
      flag.hidden = !box;
      if (!box) return;
      flag.style.left = `${box.right - origin.left}px`;
      flag.style.top = `${box.top - origin.top}px`;
      flag.style.height = `${box.height}px`;
      flag.firstElementChild?.classList.toggle('flag--end', box.right - origin.left > origin.width - 120);
    });
  }, [selecting, layout, stage]);

  return (
    <div className="flags" ref={list} aria-hidden="true">
      {selecting.map(({ id, user }) => (
        <span key={id} className="caret" data-p={hueOf(user.id)}>
          <span className="flag" lang={langOf(user.name)}>
            {user.name}
          </span>
        </span>
      ))}
    </div>
  );
}
