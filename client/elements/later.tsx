/** Parts that are loaded on first use: most readings never open them. */

import { lazy, Suspense, type ComponentType } from 'react';

/** A component of a module that is fetched when it is first drawn; until it is there, nothing is drawn. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const Part = lazy(async () => ({ default: await load() }));
  return function Later(props: Props) {
    return (
      <Suspense fallback={null}>
        <Part {...props} />
      </Suspense>
    );
  };
}
