/** What somebody wrote: line breaks kept, addresses made links, mentions shown by name. */

import { useMemo } from 'react';
import { langOf } from '../language/lang-of.js';
import { usePeople } from '../people/person.js';
import { bodyPieces } from './body-pieces.js';

export function Body({ body, cut = false }: { body: string; cut?: boolean }) {
  const people = usePeople();
  const pieces = useMemo(() => bodyPieces(body), [body]);
  return (
    <p className={cut ? 'body body--cut' : 'body'} dir="auto" lang={langOf(body)}>
      {pieces.map((piece, index) => {
        if (piece.kind === 'words') return piece.words;
        if (piece.kind === 'mention') {
          return (
            <span
              key={index}
              className={piece.person === people.me ? 'at at--me' : 'at'}
              lang={langOf(piece.name)}
            >
              @{piece.name}
            </span>
          );
        }
        return (
          <a key={index} href={piece.url} target="_blank" rel="noopener noreferrer nofollow ugc">
            {piece.url}
          </a>
        );
      })}
    </p>
  );
}
