/** The page that an address asks for. Each comes in a piece of its own, so a reading does not wait for the rest. */

import { lazy, Suspense } from 'react';
import { Missing } from './missing.js';
import { routeOf, useAddress } from './router.js';

const pages = {
  join: async () => ({ default: (await import('./join-page.js')).JoinPage }),
  library: async () => ({ default: (await import('./library-page.js')).LibraryPage }),
  link: async () => ({ default: (await import('./link-page.js')).LinkPage }),
  reading: async () => ({ default: (await import('./reading-page.js')).ReadingPage }),
};
const JoinPage = lazy(pages.join);
const LibraryPage = lazy(pages.library);
const LinkPage = lazy(pages.link);
const ReadingPage = lazy(pages.reading);

/** Begins to fetch what this address will draw, before there are words to draw it with. */
export function fetchPage(path: string): void {
  const { page } = routeOf(path);
  if (page !== 'missing') void pages[page]();
}

export function App() {
  const { pathname, searchParams } = new URL(useAddress(), location.origin);
  return <Suspense fallback={null}>{pageOf(pathname, searchParams.get('thread'))}</Suspense>;
}

function pageOf(pathname: string, thread: string | null) {
  const route = routeOf(pathname);
  switch (route.page) {
    case 'library':
      return <LibraryPage />;
    case 'reading':
      return <ReadingPage key={`${route.document} ${thread ?? ''}`} id={route.document} thread={thread} />;
    case 'join':
      return <JoinPage key={route.code} code={route.code} />;
    case 'link':
      return <LinkPage key={route.code} code={route.code} />;
    case 'missing':
      return <Missing />;
  }
}
