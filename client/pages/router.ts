/** Which page an address opens. Few pages, so no library. */

import { useSyncExternalStore, type MouseEvent } from 'react';

export type Route =
  | { page: 'library' }
  | { page: 'reading'; document: string }
  | { page: 'join'; code: string }
  | { page: 'link'; code: string }
  | { page: 'missing' };

export function routeOf(path: string): Route {
  const [first, second, ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (rest.length > 0) return { page: 'missing' };
  if (first === undefined) return { page: 'library' };
  if (second === undefined) return { page: 'missing' };
  if (first === 'documents') return { page: 'reading', document: second };
  if (first === 'join') return { page: 'join', code: second };
  if (first === 'link') return { page: 'link', code: second };
  return { page: 'missing' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray per cent sign
  }
}

const moved = 'marginalia:moved';

export function goTo(path: string): void {
  history.pushState(null, '', path);
  scrollTo(0, 0);
  dispatchEvent(new Event(moved));
}

const subscribe = (listener: () => void) => {
  addEventListener('popstate', listener);
  addEventListener(moved, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(moved, listener);
  };
};

/** The path with its query. */
export const useAddress = (): string =>
  useSyncExternalStore(subscribe, () => location.pathname + location.search);

/** For links within the page: plain presses stay here, the browser does the rest. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!plain || event.defaultPrevented) return;
  event.preventDefault();
  goTo(event.currentTarget.pathname + event.currentTarget.search);
}
