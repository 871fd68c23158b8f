/** Where there is no margin: the open thread, or the note being written, in a sheet over the lower half. */

import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface SheetProps {
  label: string;
  head: ReactNode;
  onMove?: ((by: 1 | -1) => void) | undefined;
  onClose: () => void;
  children: ReactNode;
}

/** Px of dragging that decide. */
const drag = 50;

export function Sheet({ label, head, onMove, onClose, children }: SheetProps) {
  const { t } = useTranslation();
  const [full, setFull] = useState(false);
  const from = useRef<number | null>(null);
  const grab = (event: PointerEvent) => {
    if (event.target instanceof Element && event.target.closest('button')) return;
    from.current = event.clientY;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const letGo = (event: PointerEvent) => {
    const moved = from.current === null ? 0 : event.clientY - from.current;
    from.current = null;
    if (moved < -drag) setFull(true);
    else if (moved > drag && full) setFull(false);
    else if (moved > drag) onClose();
  };
  return (
    <section
      className={full ? 'sheet sheet--full' : 'sheet'}
      role="dialog"
      aria-modal="false"
      aria-label={label}
    >
      <header
        className="sheet__head"
        onPointerDown={grab}
        onPointerUp={letGo}
        onPointerCancel={() => (from.current = null)}
      >
        <span className="sheet__grip" aria-hidden="true" />
        {head}
        <span className="end">
          {onMove && (
            <>
              <button
                type="button"
                className="iconbtn"
                aria-label={t('thread.previous')}
                onClick={() => onMove(-1)}
              >
                <ChevronUp className="i" aria-hidden="true" />
              </button>
              <button
                type="button"
                className="iconbtn"
                aria-label={t('thread.next')}
                onClick={() => onMove(1)}
              >
                <ChevronDown className="i" aria-hidden="true" />
              </button>
            </>
          )}
          <button type="button" className="iconbtn" aria-label={t('close')} onClick={onClose}>
            <X className="i" aria-hidden="true" />
          </button>
        </span>
      </header>
      <div className="sheet__body">{children}</div>
    </section>
  );
}
