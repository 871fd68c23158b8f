/**
 * Judges the text of a document: one Y.Text named `content`, which editors write. Yjs makes a mere reader's copy drop
 * formats that no longer matter; such clean-ups are passed over, as nobody chose to make them.
 */

import * as Y from 'yjs';
import { checkContent } from './content-rules.js';
import { touch, type Judge, type Judgement, type Touched } from './judge.js';
import { Refused, refused } from './refused.js';
import type { Refusal } from './result.js';
import type { Writer } from './rules.js';
import { contentRef, type Section } from './update.js';

const root = 'content';

export class ContentJudge implements Judge {
  readonly kinds: ReadonlySet<number> = new Set([
    contentRef.deleted,
    contentRef.string,
    contentRef.embed,
    contentRef.format,
  ]);

  isRemovable(): boolean {
    return true;
  }

  /** Text names nobody; but who may not write it has not written this. */
  ofOthers(sections: readonly Section[], { rights }: Writer): readonly Section[] {
    return rights.edit ? [] : sections;
  }

  judge(sections: readonly Section[], { rights }: Writer): Judgement {
    const touched: Touched = new Map();
    return {
      touched,
      mayEnd: (item) => {
        if (!rights.edit) return item.content instanceof Y.ContentFormat ? false : readsOnly;
        touch(touched, root, null);
        return true;
      },
      conclude: () => {
        for (const { structs } of sections) {
          if (!rights.edit) throw new Refused(readsOnly);
          for (const struct of structs) {
            if (struct.root !== root || struct.key !== null)
              refused('path', 'a text room holds `content` only');
            const fault = checkContent(struct.content);
            if (fault) throw new Refused(fault);
            touch(touched, root, null);
          }
        }
      },
    };
  }
}

const readsOnly: Refusal = { code: 'role', message: 'editors write the text' };
