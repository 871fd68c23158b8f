/** What the reader does with words: marks them, begins a note on them, posts it, attaches a lost one, copies. */

import type { TFunction } from 'i18next';
import { captureTarget } from '#core/anchor.js';
import type { Color, Target } from '#core/entries.js';
import { copyText } from '../elements/copy-text.js';
import { tell, tellRefused } from '../elements/toast.js';
import type { NewNote } from '../margin/drafts.js';
import { placeKey, type Place } from '../reading/places.js';
import type { Selection } from '../reading/selection.js';
import type { Reading } from './reading-loader.js';

type Audience = NewNote['audience'];

const layerOf = ({ layers }: Reading, audience: Audience) =>
  layers.find(({ kind }) => kind === (audience === 'private' ? 'private' : 'shared'));

export const mayPost = (reading: Reading, audience: Audience): boolean =>
  layerOf(reading, audience)?.layer.copy.may.get().comment ?? false;

/** The passage that a key or button speaks of: the selection, else the paragraph whose button has the focus. */
export function passageOf({ source, selection }: Reading): Selection | null {
  const selected = selection.settled.get();
  if (selected) return selected;
  const focused = document.activeElement;
  const paragraph = focused instanceof HTMLElement ? focused.dataset['paragraph'] : undefined;
  const block = paragraph === undefined ? undefined : source.state.get().blocks[Number(paragraph)]?.block;
  return block && block.length > 0 ? { from: block.from, to: block.from + block.length } : null;
}

function capture({ source }: Reading, { from, to }: Selection, t: TFunction): Target | null {
  try {
    return captureTarget(source.text, from, to);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    tellRefused(t('selection.too-long'));
    return null;
  }
}

export function doneSelecting({ selection }: Reading): void {
  selection.dismiss();
  getSelection()?.removeAllRanges();
}

/** Marks the passage for the group, without words. */
export function highlight(reading: Reading, color: Color, t: TFunction): void {
  const range = passageOf(reading);
  const target = range && mayPost(reading, 'shared') ? capture(reading, range, t) : null;
  if (!target) return;
  const id =
    layerOf(reading, 'shared')?.layer.annotate({ target, motivation: 'highlighting', color }) ?? null;
  if (id === null) tellRefused(t('post.refused'));
  doneSelecting(reading);
}

/** Begins a note on the passage; null where there is none, or nothing may be written. */
export function beginNote(reading: Reading, audience: Audience, color: Color, t: TFunction): NewNote | null {
  const range = passageOf(reading);
  const target = range && mayPost(reading, audience) ? capture(reading, range, t) : null;
  if (!target) return null;
  const motivation = color === 'sky' ? 'questioning' : 'commenting';
  const note: NewNote = { id: uniqueId(), audience, motivation, color, target, body: '' };
  reading.drafts.put(note);
  doneSelecting(reading);
  return note;
}

/** `crypto.randomUUID` is there in secure contexts only. Draft ids never leave this device. */
const uniqueId = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('');

/** Returns the new thread's key; null when it may not be posted. */
export function postNote(reading: Reading, note: NewNote): string | null {
  const layer = layerOf(reading, note.audience);
  const { target, motivation, color } = note;
  const id = layer?.layer.annotate({ target, motivation, color, body: note.body.trim() }) ?? null;
  return layer && id !== null ? placeKey(layer.id, id) : null;
}

/** Puts a note on the selected words instead. */
export function attach(reading: Reading, { layer, id }: Place, t: TFunction): boolean {
  const selected = reading.selection.settled.get();
  const target = selected && capture(reading, selected, t);
  if (!target) return false;
  const moved = layer.layer.move(id, target);
  if (!moved) tellRefused(t('post.refused'));
  doneSelecting(reading);
  return moved;
}

export async function copyPassage(reading: Reading, t: TFunction): Promise<void> {
  const range = passageOf(reading);
  if (!range) return;
  const words = reading.source.state.get().plain.slice(range.from, range.to);
  if (await copyText(words)) tell(t('copied'));
  else tellRefused(t('copy.refused'));
}

export async function copyLink({ document }: Reading, { id }: Place, t: TFunction): Promise<void> {
  const link = `${location.origin}/documents/${document.id}?thread=${id}`;
  if (await copyText(link)) tell(t('link.copied'));
  else tellRefused(t('copy.refused'));
}
