/** The page that an address asks for. Each comes in a piece of its own, so a reading does not wait for the rest. */

import { lazy, Suspense } from 'react';
import { Missing } from './missing.js';
import { routeOf, useAddress } from './router.js';

const JoinPage = lazy(async () => ({ default: (await import('./join-page.js')).JoinPage }));
const LibraryPage = lazy(async () => ({ default: (await import('./library-page.js')).LibraryPage }));
const LinkPage = lazy(async () => ({ default: (await import('./link-page.js')).LinkPage }));
const ReadingPage = lazy(async () => ({ default: (await import('./reading-page.js')).ReadingPage }));

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
