/** The thread that looks after rooms, from outside: started when something is asked, ended when nothing was for a while. */

import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Questions, Reply } from './worker-messages.js';

/** Milliseconds without a question after which the thread is ended: it holds 30 MB. */
const idleAfter = 10_000;

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** One piece of work in the thread, from `open` to `close`. What was given to it lives as long as the thread does. */
export interface Session {
  /** The memory of bytes that are asked about goes to the thread: they are gone here. Rejects when the thread has died. */
  ask<K extends keyof Questions>(kind: K, ask: Questions[K]['ask']): Promise<Questions[K]['answer']>;
  close(): void;
}

/** One session at a time. */
export class CareThread {
  #worker: Worker | null = null;
  #waiting: Waiting[] = [];
  #idle: NodeJS.Timeout | undefined;

  open(): Session {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    return {
      ask: (kind, ask) => this.#ask(worker, kind, ask),
      close: () => {
        if (this.#worker !== worker) return;
        void this.#ask(worker, 'end', undefined).catch(() => undefined);
        this.#idle = setTimeout(() => void worker.terminate(), idleAfter).unref();
      },
    };
  }

  /** What was asked and is not answered rejects. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  #ask<K extends keyof Questions>(
    worker: Worker,
    kind: K,
    ask: Questions[K]['ask'],
  ): Promise<Questions[K]['answer']> {
    if (this.#worker !== worker) return Promise.reject(ended());
    return new Promise<Questions[K]['answer']>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      worker.postMessage({ kind, ask }, ask instanceof Uint8Array ? [ask.buffer as ArrayBuffer] : []);
    });
  }

  #start(): Worker {
    const worker = new Worker(createRequire(import.meta.url).resolve('#care-worker'));
    // What it works on can be done at the next start.
    worker.unref();
    let cause: Error | undefined;
    worker.on('message', (reply: Reply) => {
      const waiting = this.#waiting.shift();
      if (reply.ok) waiting?.resolve(reply.answer as never);
      else waiting?.reject(reply.error);
    });
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      this.#worker = null;
      for (const { reject } of this.#waiting.splice(0)) reject(ended(cause));
    });
    return worker;
  }
}

const ended = (cause?: Error): Error => new Error('The thread that looks after rooms ended', { cause });
