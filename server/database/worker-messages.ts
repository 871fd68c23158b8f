/** What the main thread and the thread of the embedded database say to each other. */

export interface WorkerTask {
  /** `create` makes the folder and ends; `serve` opens it and stays. */
  readonly kind: 'create' | 'serve';
  readonly folder: string;
}

export type ToWorker =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'count' }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'synced'; readonly times: number }
  | { readonly kind: 'closed' }
  | { readonly kind: 'died'; readonly reason: string };
