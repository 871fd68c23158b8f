/** The connection to the server: Socket.IO over WebSocket only, which comes back by itself. */

import type { ClientToServer, JoinAnswer, ServerToClient, UpdateAnswer } from '#core/wire.js';
import { io, type Socket } from 'socket.io-client';
import { backOff } from './clock.js';
import type { Clock, Connection, Transport, TransportListener } from './ports.js';
import { fetchState } from './room-state.js';
import { Value } from './value.js';

/** Milliseconds for an answer. The server holds an update for 30 s while its database is away. */
const answerTime = 60_000;

/** Connects as whoever the session cookie says. Never throws: what goes wrong is in `state`. */
export function connect(url: string, clock: Clock): Transport {
  const socket: Socket<ServerToClient, ClientToServer> = io(url, {
    transports: ['websocket'],
    withCredentials: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 10_000,
  });
  const state = new Value<Connection>('connecting');
  const listeners = new Set<TransportListener>();
  let tries = 0;
  let ended = false;
  let cancel: (() => void) | null = null;

  const lost = (): void => {
    if (ended || state.get() === 'signed-out') return;
    state.set('offline');
    // Socket.IO does not come back by itself from what the server said no to, or ended.
    if (socket.active) return;
    cancel?.();
    cancel = clock.after(backOff(tries++, clock), () => socket.connect());
  };
  const signOut = (): void => {
    state.set('signed-out');
    cancel?.();
    socket.disconnect();
  };

  socket.on('connect', () => {
    tries = 0;
    state.set('online');
  });
  socket.on('disconnect', lost);
  socket.on('connect_error', (error: Error & { data?: { code?: unknown } }) => {
    if (error.data?.code === 'no-session') signOut();
    else lost();
  });
  socket.on('room:update', ({ room, update, seq }) => {
    for (const listener of listeners) listener.update({ room, update: bytes(update), seq });
  });
  socket.on('presence', (message) => {
    for (const listener of listeners) listener.presence(message);
  });
  socket.on('room:closed', (message) => {
    for (const listener of listeners) listener.closed(message);
  });

  /** The browser's word is a hint: a server on this very machine is there without a network. */
  const tryAnew = (): void => {
    if (state.get() === 'signed-out') return;
    socket.disconnect();
    socket.connect();
  };
  const backOnline = (): void => {
    if (!socket.connected) tryAnew();
  };
  globalThis.addEventListener('online', backOnline);
  globalThis.addEventListener('offline', tryAnew);

  return {
    state,
    begin: (room) => fetchState(url, room),
    join: (room, asked) =>
      new Promise((resolve) => {
        if (!socket.connected) return resolve(null);
        const answered = (error: Error | null, answer: JoinAnswer): void =>
          resolve(error ? null : withBytes(answer));
        socket.timeout(answerTime).emit('room:join', { room, ...asked }, answered);
      }),
    update: (room, update) =>
      new Promise((resolve) => {
        if (!socket.connected) return resolve(null);
        const answered = (error: Error | null, answer: UpdateAnswer): void =>
          resolve(error ? null : withVector(answer));
        socket.timeout(answerTime).emit('room:update', { room, update }, answered);
      }),
    leave(room) {
      if (socket.connected) socket.emit('room:leave', { room });
    },
    presence(room, presence) {
      if (socket.connected) socket.emit('presence:set', { room, state: presence });
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signOut,
    close() {
      ended = true;
      globalThis.removeEventListener('online', backOnline);
      globalThis.removeEventListener('offline', tryAnew);
      cancel?.();
      listeners.clear();
      socket.disconnect();
    },
  };
}

/** Socket.IO hands out ArrayBuffers in a browser, whatever the type says. */
const bytes = (value: Uint8Array | ArrayBuffer): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(value);

const withBytes = (answer: JoinAnswer): JoinAnswer =>
  answer.ok ? { ...withVector(answer), updates: answer.updates.map(bytes) } : answer;

const withVector = <A extends object>(answer: A): A =>
  'stateVector' in answer
    ? { ...answer, stateVector: bytes(answer.stateVector as Uint8Array | ArrayBuffer) }
    : answer;
