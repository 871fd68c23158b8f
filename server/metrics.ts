/** What the server counts of itself, in the text format of Prometheus. No names and no words of anybody. */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Meter } from './rooms/ports.js';

/** What is looked up when somebody asks. */
export interface Gauges {
  readonly rooms: () => number;
  /** Connections in rooms, over both doors. */
  readonly readers: () => number;
  /** Updates that wait to be judged or stored. */
  readonly waiting: () => number;
}

export interface Metrics extends Meter {
  watch(gauges: Gauges): void;
  /** A request was answered with this status. */
  answered(status: number): void;
  text(): Promise<string>;
}

/** Seconds: from an embedded database's fsync to a database that is in trouble. */
const latencies = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'marginalia_http_requests_total',
    help: 'Requests answered, by the kind of their status',
    labelNames: ['status'],
    registers,
  });
  const updates = new Counter({
    name: 'marginalia_updates_total',
    help: 'Updates judged: taken, or refused by code',
    labelNames: ['outcome'],
    registers,
  });
  const judging = new Counter({
    name: 'marginalia_judging_seconds_total',
    help: 'Time spent on judging updates',
    registers,
  });
  const commits = new Histogram({
    name: 'marginalia_commit_seconds',
    help: 'From handing a batch to the commit queue until it is stored',
    buckets: latencies,
    registers,
  });
  const relayed = new Counter({
    name: 'marginalia_relayed_bytes_total',
    help: 'Bytes of committed updates handed to readers',
    registers,
  });
  return {
    judged: (outcome, ms) => {
      updates.inc({ outcome });
      judging.inc(ms / 1000);
    },
    committed: (ms) => commits.observe(ms / 1000),
    relayed: (bytes) => relayed.inc(bytes),
    answered: (status) => requests.inc({ status: `${Math.floor(status / 100)}xx` }),
    watch: ({ rooms, readers, waiting }) => {
      const gauge = (name: string, help: string, read: () => number): Gauge =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read());
          },
        });
      gauge('marginalia_rooms_loaded', 'Rooms that are loaded', rooms);
      gauge('marginalia_readers', 'Connections in rooms', readers);
      gauge('marginalia_queue_depth', 'Updates that wait to be judged or stored', waiting);
    },
    text: () => registry.metrics(),
  };
}
