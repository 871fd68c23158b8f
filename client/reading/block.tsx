/** One block of the text: its gutter button, its words, and the hidden list of what is written about it. */

import type { TFunction } from 'i18next';
import { MessageSquare, Users } from 'lucide-react';
import { memo, type CSSProperties, type ReactNode } from 'react';
import { looksSame, type Block, type Run } from '#core/delta.js';
import { latinStretches } from '../language/lang-of.js';
import { NotesList } from './notes-list.js';
import type { Place } from './places.js';
import { safeLink } from './safe-link.js';

export interface BlockActions {
  /** Opens a thread; `from` is where the focus returns to. */
  open: (place: Place) => void;
  filter: (block: number) => void;
}

interface BlockProps {
  block: Block;
  index: number;
  /** The number that a list item carries, or its bullet. */
  marker: string;
  lang: string;
  places: readonly Place[];
  filtered: boolean;
  actions: BlockActions;
  t: TFunction;
  /** Are its notes listed already? Lists are made in idle time. */
  named: boolean;
  /** What stands after the words: the toolbar, where the selection ends here. */
  after: ReactNode;
}

export const BlockView = memo(
  function BlockView(props: BlockProps) {
    const { block, index, marker, lang, places, filtered, actions, t, named, after } = props;
    return (
      <div
        className="para"
        data-block={index}
        data-kind={block.kind}
        data-level={block.level}
        data-marker={marker || undefined}
        style={block.kind === 'item' ? ({ '--depth': block.level } as CSSProperties) : undefined}
      >
        <Density index={index} places={places} filtered={filtered} actions={actions} t={t} />
        <Words block={block} lang={lang} />
        {after}
        {named && <NotesList places={places} open={actions.open} t={t} />}
        <Threads places={places} actions={actions} t={t} />
      </div>
    );
  },
  (a, b) =>
    looksSame(a.block, b.block) &&
    a.index === b.index &&
    a.marker === b.marker &&
    a.lang === b.lang &&
    a.places === b.places &&
    a.filtered === b.filtered &&
    a.actions === b.actions &&
    a.t === b.t &&
    a.named === b.named &&
    a.after === b.after,
);

const Words = memo(
  function Words({ block, lang }: { block: Block; lang: string }) {
    const { kind, level, runs } = block;
    if (kind === 'divider') return <hr data-words="" />;
    const words = runs.map((run, index) => <RunView key={index} run={run} chinese={lang.startsWith('zh')} />);
    if (kind === 'heading') {
      const Heading = `h${Math.min(6, level + 1)}` as 'h2';
      return (
        <Heading className="words" data-words="">
          {words}
        </Heading>
      );
    }
    const crowded = runs.some(({ text }) => typeof text === 'string' && /[,:][0-9]/.test(text));
    return (
      <p className={crowded ? 'words no-autospace' : 'words'} data-words="">
        {words}
      </p>
    );
  },
  (a, b) => looksSame(a.block, b.block) && a.lang === b.lang,
);

function RunView({ run, chinese }: { run: Run; chinese: boolean }) {
  let view: ReactNode;
  if (typeof run.text !== 'string') {
    const source = 'image' in run.text ? safeLink(run.text.image) : undefined;
    view = <img src={source} alt="" loading="lazy" />;
  } else if (chinese) {
    view = latinStretches(run.text).map(({ text, latin }, index) =>
      latin ? (
        <span key={index} className="latin">
          {text}
        </span>
      ) : (
        text
      ),
    );
  } else view = run.text;
  if (run.code) view = <code>{view}</code>;
  if (run.italic) view = <em>{view}</em>;
  if (run.bold) view = <strong>{view}</strong>;
  const link = run.link === undefined ? undefined : safeLink(run.link);
  if (link === undefined) return view;
  return (
    <a href={link} rel="noopener noreferrer nofollow" target={link.startsWith('#') ? undefined : '_blank'}>
      {view}
    </a>
  );
}

/** People who wrote here, and open threads that have words. */
function facts(places: readonly Place[]): { people: number; threads: number } {
  const people = new Set<string>();
  let threads = 0;
  for (const { thread } of places) {
    people.add(thread.annotation.author);
    for (const { comment } of thread.comments) people.add(comment.author);
    if (thread.status.state === 'open' && thread.comments.length > 0) threads++;
  }
  return { people: people.size, threads };
}

function Density({
  index,
  places,
  filtered,
  actions,
  t,
}: Pick<BlockProps, 'index' | 'places' | 'filtered' | 'actions' | 't'>) {
  const { people, threads } = facts(places);
  const level = people === 0 ? 0 : people <= 2 ? 1 : people <= 5 ? 2 : 3;
  const label = [
    t('paragraph.name', { number: index + 1 }),
    people > 0 && t('paragraph.people', { count: people }),
    threads > 0 && t('paragraph.threads', { count: threads }),
  ];
  return (
    <button
      type="button"
      className={people === 0 ? 'density density--bare' : 'density'}
      data-level={level}
      data-paragraph={index}
      aria-pressed={filtered}
      aria-label={`${label.filter(Boolean).join(', ')}. ${t('paragraph.filter')}`}
      onClick={() => actions.filter(index)}
    >
      <span className="no">{index + 1}</span>
      {people > 0 && (
        <span>
          <Users className="i" aria-hidden="true" />
          {people}
        </span>
      )}
      {threads > 0 && (
        <span>
          <MessageSquare className="i" aria-hidden="true" />
          {threads}
        </span>
      )}
    </button>
  );
}

/** Where there is no margin, a line after the paragraph says what is there. */
function Threads({ places, actions, t }: Pick<BlockProps, 'places' | 'actions' | 't'>) {
  const { threads } = facts(places);
  const first = places.find(({ thread }) => thread.comments.length > 0 && thread.status.state === 'open');
  if (!first) return null;
  return (
    <div className="paraend">
      <button type="button" onClick={() => actions.open(first)}>
        <MessageSquare className="i i--s" aria-hidden="true" />
        {t('threads.count', { count: threads })}
      </button>
    </div>
  );
}
