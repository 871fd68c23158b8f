/** A row of buttons of which one is on: arrow keys move the choice, as in any group of radio buttons. */

import { useRef, type KeyboardEvent, type ReactNode } from 'react';

export function Choice<T extends string | number>({
  label,
  value,
  options,
  onChange,
  className = 'choice',
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string; face?: ReactNode; lang?: string }[];
  onChange: (value: T) => void;
  className?: string;
}) {
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const at = options.findIndex((option) => option.value === value);
    const next = (at + by + options.length) % options.length;
    const option = options[next];
    if (!option) return;
    onChange(option.value);
    group.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div className={className} role="radiogroup" aria-label={label} ref={group} onKeyDown={move}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          aria-label={option.label}
          title={option.face ? option.label : undefined}
          lang={option.lang}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
        >
          {option.face ?? option.label}
        </button>
      ))}
    </div>
  );
}
