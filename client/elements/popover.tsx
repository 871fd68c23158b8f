/** A button and what it opens below itself: a menu (arrow keys move) or a panel of controls (Tab moves). */

import {
  useEffect,
  useId,
  useRef,
  useState,
  type ButtonHTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
} from 'react';

interface PopoverProps {
  label: string;
  kind: 'menu' | 'panel';
  face: ReactNode;
  className?: string;
  children: (close: () => void) => ReactNode;
}

export function Popover({ label, kind, face, className = 'iconbtn', children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const away = (event: PointerEvent) => {
      if (!host.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
      focusOn(`${id}-button`);
    };
    const element = host.current;
    document.addEventListener('pointerdown', away);
    element?.addEventListener('keydown', escape);
    (body.current?.querySelector<HTMLElement>('[role^="menuitem"]') ?? body.current)?.focus();
    return () => {
      document.removeEventListener('pointerdown', away);
      element?.removeEventListener('keydown', escape);
    };
  }, [open, id]);

  const close = () => {
    setOpen(false);
    focusOn(`${id}-button`);
  };
  const move = (event: KeyboardEvent) => {
    if (kind !== 'menu' || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    event.preventDefault();
    const items = [...(body.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length]?.focus();
  };

  return (
    <div
      className="popover"
      ref={host}
      onBlur={(event) => {
        if (open && event.relatedTarget && !host.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        type="button"
        id={`${id}-button`}
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup={kind === 'menu' ? 'menu' : 'dialog'}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <div
          id={id}
          ref={body}
          className={kind === 'menu' ? 'menu' : 'menu menu--panel'}
          role={kind === 'menu' ? 'menu' : 'dialog'}
          aria-label={label}
          tabIndex={-1}
          onKeyDown={move}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

const focusOn = (id: string) => document.getElementById(id)?.focus();

export function MenuItem({ children, ...rest }: ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" role="menuitem" {...rest}>
      {children}
    </button>
  );
}
