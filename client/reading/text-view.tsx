/** The text: its title and blocks, what is painted on it, and the press that finds what is marked under it. */

import { useLayoutEffect, useMemo, useRef, type MouseEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import type { Present } from '#core/wire.js';
import { BlockView, type BlockActions } from './block.js';
import { Flags } from './flags.js';
import { characterAt, placesAt } from './hit.js';
import { listMarkers } from './list-markers.js';
import type { Place } from './places.js';
import { selections } from './presence.js';
import type { Selection } from './selection.js';
import { typeSettings } from './settings.js';
import type { Stage } from './stage.js';
import type { TextState } from './text-source.js';

interface TextViewProps {
  stage: Stage;
  state: TextState;
  lang: string;
  header: ReactNode;
  byBlock: readonly (readonly Place[])[];
  active: Place | null;
  picked: Selection | null;
  people: readonly Present[];
  filter: number | null;
  /** Where the toolbar stands, after the block in which the selection ends. */
  toolbar: { block: number; view: ReactNode } | null;
  actions: BlockActions;
  /** The press met these places, the shortest first; none: it met plain text. */
  onPress: (places: readonly Place[]) => void;
}

export function TextView(props: TextViewProps) {
  const { stage, state, lang, header, byBlock, active, picked, people, filter, toolbar, actions, onPress } =
    props;
  const { t } = useTranslation();
  const root = useRef<HTMLElement>(null);
  const type = useStore(typeSettings);
  const named = useStore(stage.named);
  const markers = useMemo(() => listMarkers(state.blocks.map(({ block }) => block)), [state.blocks]);

  useLayoutEffect(() => {
    if (root.current) stage.setText(root.current, state);
  }, [stage, state]);

  useLayoutEffect(() => {
    stage.show({
      byBlock,
      active: active && active.from >= 0 ? { ...active, color: active.thread.annotation.color } : null,
      picked,
      selected: selections(people),
    });
  }, [stage, byBlock, active, picked, people]);

  const meet = (event: MouseEvent): readonly Place[] => {
    const dom = stage.dom.get();
    if (!dom || !(event.target instanceof Element) || !event.target.closest('[data-words]')) return [];
    const offset = characterAt(dom, event.clientX, event.clientY);
    return offset < 0 ? [] : placesAt(byBlock[dom.blockAt(offset)] ?? [], offset);
  };
  const press = (event: MouseEvent) => {
    if (!(event.target instanceof Element) || event.target.closest('button, a, .seltool')) return;
    if (getSelection()?.isCollapsed === false) return;
    onPress(meet(event));
  };
  const point = (event: MouseEvent) => {
    if (root.current)
      root.current.style.cursor = event.buttons === 0 && meet(event).length > 0 ? 'pointer' : '';
  };

  return (
    <article
      ref={root}
      id="text"
      tabIndex={-1}
      className="text"
      lang={lang}
      dir="auto"
      aria-label={t('text')}
      data-size={type.size === 2 ? undefined : type.size}
      data-leading={type.leading}
      data-measure={type.measure}
      data-face={type.face}
      onClick={press}
      onMouseMove={point}
    >
      {header}
      {state.blocks.map(({ key, block }, index) => (
        <BlockView
          key={key}
          block={block}
          index={index}
          marker={markers[index] ?? ''}
          lang={lang}
          places={byBlock[index] ?? []}
          filtered={filter === index}
          actions={actions}
          t={t}
          named={index < named}
          after={toolbar?.block === index ? toolbar.view : null}
        />
      ))}
      <Flags people={people} stage={stage} />
    </article>
  );
}
