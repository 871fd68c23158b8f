/** A field to write in that grows with its words; Ctrl or Cmd with Enter posts. */

import { useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { limits } from '#core/entries.js';

interface WritingFieldProps {
  label: string;
  placeholder?: string;
  value: string;
  focus?: boolean;
  className?: string;
  onChange: (words: string) => void;
  onPost: () => void;
  onEscape?: () => void;
  onBlur?: () => void;
}

export function WritingField(props: WritingFieldProps) {
  const { label, placeholder, value, focus = false, className, onChange, onPost, onEscape, onBlur } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [value]);
  useLayoutEffect(() => {
    const element = field.current;
    if (!focus || !element) return;
    element.focus({ preventScroll: true });
    element.setSelectionRange(element.value.length, element.value.length);
  }, [focus]);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onPost();
    } else if (event.key === 'Escape' && !event.nativeEvent.isComposing && onEscape) {
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    }
  };
  return (
    <textarea
      ref={field}
      className={className ?? 'field'}
      rows={1}
      dir="auto"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={press}
      onBlur={onBlur}
    />
  );
}

/** How far over the limit the words are; 0 within it. */
export const excess = (words: string): number => Math.max(0, words.trim().length - limits.body);
