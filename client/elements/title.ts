/** The window's title: what is shown, then the program. */

import { useEffect } from 'react';

export function useTitle(shown: string): void {
  useEffect(() => {
    document.title = shown ? `${shown} · Marginalia` : 'Marginalia';
  }, [shown]);
}
