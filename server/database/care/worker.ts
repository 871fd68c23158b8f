/** The thread that makes states, cleanses and merges: all that would hold up the readers' sockets in the main thread. */

import { type MessagePort, parentPort } from 'node:worker_threads';
import { Workbench } from './workbench.js';
import type { Question, Reply } from './worker-messages.js';

function answer(bench: Workbench, question: Question): Extract<Reply, { ok: true }>['answer'] {
  switch (question.kind) {
    case 'begin':
      return bench.begin(question.ask) as undefined;
    case 'follow':
      return bench.follow(question.ask);
    case 'state':
      return bench.state(question.ask);
    case 'removed':
      return bench.removed();
    case 'cleanse':
      return bench.cleanse(question.ask);
    case 'merge':
      return bench.merge(question.ask);
    case 'end':
      return bench.end() as undefined;
  }
}

/** The memory of an answer goes to the other thread instead of being copied. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const look = (value: unknown): void => {
    if (value instanceof Uint8Array) found.add(value.buffer as ArrayBuffer);
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) look(part);
  };
  look(value);
  return [...found];
}

function serve(port: MessagePort): void {
  const bench = new Workbench();
  port.on('message', (question: Question) => {
    let reply: Reply;
    try {
      reply = { ok: true, answer: answer(bench, question) };
    } catch (error) {
      reply = { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
    }
    port.postMessage(reply, buffersOf(reply));
  });
}

if (!parentPort) throw new Error('This file is a worker thread');
serve(parentPort);
