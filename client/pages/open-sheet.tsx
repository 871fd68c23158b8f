/** The sheet with what is open: the note that is being written, else the thread. */

import { useTranslation } from 'react-i18next';
import { Composer } from '../margin/composer.js';
import type { NewNote } from '../margin/drafts.js';
import { Kind } from '../margin/kind.js';
import { Sheet } from '../margin/sheet.js';
import { ThreadCard, type Steps } from '../margin/thread-card.js';
import type { Place } from '../reading/places.js';

interface OpenSheetProps {
  composing: NewNote | null;
  active: Place | null;
  steps: Steps | null;
  writing: readonly string[];
  onMove: (by: 1 | -1) => void;
  onClose: () => void;
}

export function OpenSheet({ composing, active, steps, writing, onMove, onClose }: OpenSheetProps) {
  const { t } = useTranslation();
  if (composing) {
    return (
      <Sheet label={t('compose.title')} head={<Kind color={composing.color} strong />} onClose={onClose}>
        <Composer note={composing} inSheet onFold={onClose} onDone={onClose} />
      </Sheet>
    );
  }
  if (!active) return null;
  const head = (
    <>
      <Kind color={active.thread.annotation.color} strong />
      {steps && (
        <span className="small quiet num">{t('overlap.here', { at: steps.at + 1, of: steps.of })}</span>
      )}
    </>
  );
  return (
    <Sheet label={t('thread')} head={head} onMove={onMove} onClose={onClose}>
      <div data-thread={active.id} role="comment">
        <ThreadCard key={active.key} place={active} active inSheet steps={steps} writing={writing} />
      </div>
    </Sheet>
  );
}
