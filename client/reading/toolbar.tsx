/**
 * What can be done with the selected words. Beside the selection where there is a pointer; at the foot of the window
 * on phones, where the system's own menu stands at the selection. It never takes the focus or covers the words.
 */

import { Copy, Link2, Lock, MessageSquare, CircleHelp, X } from 'lucide-react';
import { useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { colors, type Color } from '#core/entries.js';
import type { Selection } from './selection.js';
import type { Stage } from './stage.js';

export interface SelectionActions {
  highlight: (color: Color) => void;
  comment: () => void;
  question: () => void;
  note: () => void;
  copy: () => void;
  dismiss: () => void;
  /** Set while a lost note looks for new words. */
  attach?: (() => void) | undefined;
}

interface ToolbarProps {
  selection: Selection;
  stage: Stage;
  actions: SelectionActions;
  /** May I write for the group? Private notes are always mine to write. */
  shared: boolean;
  atFoot: boolean;
}

const keepSelection = (event: { preventDefault(): void }) => event.preventDefault();

export function Toolbar({ selection, stage, actions, shared, atFoot }: ToolbarProps) {
  const { t } = useTranslation();
  const bar = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (!atFoot && bar.current) placeBeside(bar.current, selection, stage);
  }, [selection, stage, atFoot]);

  const frame = (children: ReactNode) => (
    <div
      ref={bar}
      className={atFoot ? 'actionbar' : 'seltool'}
      role="toolbar"
      aria-label={t('selection.tools')}
      onPointerDown={keepSelection}
      onMouseDown={keepSelection}
      onKeyDown={(event) => moveInside(event, bar.current)}
    >
      {children}
    </div>
  );

  if (actions.attach) {
    return frame(
      <>
        <button type="button" className="btn btn--ink btn--s" onClick={actions.attach}>
          <Link2 className="i" aria-hidden="true" />
          {t('attach.here')}
        </button>
        <button type="button" className="btn btn--bare btn--s" onClick={actions.dismiss}>
          {t('cancel')}
        </button>
      </>,
    );
  }
  const swatches = (
    <div className={atFoot ? 'kinds' : 'row swatches'} role="group" aria-label={t('highlight')}>
      {colors.map((color, index) => (
        <button
          key={color}
          type="button"
          className={atFoot ? undefined : 'sw'}
          aria-label={t('highlight.as', { kind: t(`color.${color}`) })}
          aria-keyshortcuts={String(index + 1)}
          title={`${t(`color.${color}`)} (${index + 1})`}
          onClick={() => actions.highlight(color)}
        >
          <span className="hl" data-color={color} aria-hidden="true">
            {t(`letter.${color}`)}
          </span>
          {atFoot && <span aria-hidden="true">{t(`color.${color}`)}</span>}
        </button>
      ))}
    </div>
  );
  const face = (icon: ReactNode, words: string, key: string) => (
    <>
      {icon}
      {words}
      {!atFoot && <kbd aria-hidden="true">{key}</kbd>}
    </>
  );
  return frame(
    <>
      {shared && swatches}
      {shared && !atFoot && <span className="divide" aria-hidden="true" />}
      <div className={atFoot ? 'verbs' : 'row verbs-row'}>
        {shared && (
          <>
            <button
              type="button"
              className={atFoot ? 'btn btn--ink' : 'btn'}
              aria-keyshortcuts="A"
              onClick={actions.comment}
            >
              {face(<MessageSquare className="i" aria-hidden="true" />, t('comment'), 'A')}
            </button>
            <button type="button" className="btn" aria-keyshortcuts="Q" onClick={actions.question}>
              {face(<CircleHelp className="i" aria-hidden="true" />, t('question'), 'Q')}
            </button>
          </>
        )}
        <button type="button" className="btn" aria-keyshortcuts="P" onClick={actions.note}>
          {face(<Lock className="i" aria-hidden="true" />, t('private-note'), 'P')}
        </button>
        <button
          type="button"
          className={atFoot ? 'btn btn--square' : 'iconbtn iconbtn--s'}
          aria-label={t('copy')}
          title={t('copy')}
          onClick={actions.copy}
        >
          <Copy className="i" aria-hidden="true" />
        </button>
        {atFoot && (
          <button
            type="button"
            className="btn btn--bare btn--square"
            aria-label={t('selection.clear')}
            onClick={actions.dismiss}
          >
            <X className="i" aria-hidden="true" />
          </button>
        )}
      </div>
    </>,
  );
}

/** Below the last line, its middle under the selection's end; above the first where the window ends. */
function placeBeside(bar: HTMLElement, { from, to }: Selection, stage: Stage): void {
  const dom = stage.dom.get();
  const host = bar.offsetParent?.getBoundingClientRect();
  const boxes = dom?.boxesOf(from, to) ?? [];
  const [first] = boxes;
  const last = boxes[boxes.length - 1];
  if (!host || !first || !last) return;
  const foot = 46;
  const below = last.bottom + 9;
  const fits = below + bar.offsetHeight < innerHeight - foot;
  const top = fits || first.top < bar.offsetHeight + 70 ? below : first.top - bar.offsetHeight - 9;
  const middle = last.right - host.left - bar.offsetWidth / 2;
  const left = Math.max(0, Math.min(middle, host.width - bar.offsetWidth));
  bar.style.top = `${top - host.top}px`;
  bar.style.left = `${left}px`;
}

function moveInside(event: KeyboardEvent, bar: HTMLElement | null): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by || !bar) return;
  event.preventDefault();
  const buttons = [...bar.querySelectorAll<HTMLElement>('button')];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  buttons[(at + by + buttons.length) % buttons.length]?.focus();
}
