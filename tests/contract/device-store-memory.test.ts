import { MemoryStore } from '../../client/session/memory-store.js';
import { deviceStoreContract } from './device-store.js';

deviceStoreContract('in memory', () => Promise.resolve(new MemoryStore({ lasting: true })));
