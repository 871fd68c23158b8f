// Lets a server be asked for its memory after a collection of garbage. The server itself knows nothing of it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.send) {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  process.on('message', (message) => {
    if (message?.bench !== 'memory') return;
    gc();
    gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send({ answers: 'memory', answer: { rss, heap: heapUsed + external } });
  });
  process.channel?.unref();
}
