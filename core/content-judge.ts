/**
 * Judges the text of a document: one Y.Text named `content`, which editors write. Yjs makes a mere reader's copy drop
 * formats that no longer matter; such clean-ups are passed over, as nobody chose to make them.
 */

import * as Y from 'yjs';
import { checkContent } from './content-rules.js';
import { touch, type Judge, type Judgement, type Touched } from './judge.js';
import { refused, refuseWith } from './refused.js';
import type { Refusal } from './result.js';
import type { Writer } from './rules.js';
import { Pace, type Steps } from './steps.js';
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
  // eslint-disable-next-line require-yield -- there is nothing to look through
  *ofOthers(sections: readonly Section[], { rights }: Writer): Steps<readonly Section[]> {
    return rights.edit ? [] : sections;
  }

  tooMany(): ReadonlyMap<string, readonly string[]> {
    return new Map();
  }

  // eslint-disable-next-line require-yield -- it only begins
  *judge(sections: readonly Section[], { rights }: Writer): Steps<Judgement> {
    const touched: Touched = new Map();
    return {
      touched,
      mayEnd: (item) => {
        if (!rights.edit) return item.content instanceof Y.ContentFormat ? false : readsOnly;
        touch(touched, root, null);
        return true;
      },
      conclude: function* () {
        const pace = new Pace();
        for (const { structs } of sections) {
          if (!rights.edit) refuseWith(readsOnly);
          for (const struct of structs) {
            if (struct.root !== root || struct.key !== null)
              refused('path', 'a text room holds `content` only');
            const fault = checkContent(struct.content);
            if (fault) refuseWith(fault);
            if (pace.spend(1 + struct.size * 0.002)) yield;
          }
          touch(touched, root, null);
        }
      },
    };
  }
}

const readsOnly: Refusal = { code: 'role', message: 'editors write the text' };
