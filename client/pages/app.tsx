/** The page that an address asks for. */

import { Toast } from '../elements/toast.js';
import { JoinPage } from './join-page.js';
import { LibraryPage } from './library-page.js';
import { LinkPage } from './link-page.js';
import { Missing, ReadingPage } from './reading-page.js';
import { routeOf, useAddress } from './router.js';

export function App() {
  const { pathname, searchParams } = new URL(useAddress(), location.origin);
  const route = routeOf(pathname);
  switch (route.page) {
    case 'library':
      return (
        <>
          <LibraryPage />
          <Toast />
        </>
      );
    case 'reading': {
      const thread = searchParams.get('thread');
      return <ReadingPage key={`${route.document} ${thread ?? ''}`} id={route.document} thread={thread} />;
    }
    case 'join':
      return <JoinPage key={route.code} code={route.code} />;
    case 'link':
      return <LinkPage key={route.code} code={route.code} />;
    case 'missing':
      return <Missing />;
  }
}
