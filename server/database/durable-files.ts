/**
 * Files of the embedded database that are really on the disk when a commit is acknowledged. PGlite runs PostgreSQL with
 * fsync off, and its file system has no fsync: a commit would outlive the process, but not the power. This puts both back.
 * It reaches into PGlite, whose version is therefore exact, and a test counts one fsync a commit.
 */

import { closeSync, fsyncSync, openSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** What of Emscripten's file system for Node is touched here. */
interface NodeFiles {
  stream_ops: object;
  realPath(node: unknown): string;
}

interface OpenFile {
  /** The file descriptor; a folder has none. */
  readonly nfd?: number;
  readonly node: unknown;
}

export class DurableFiles extends NodeFS {
  /** How often the disk was asked since this was made. */
  synced = 0;

  override async init(...[database, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const made = await super.init(database, options);
    const restore = (module: unknown) => {
      const files = (module as { NODEFS?: NodeFiles }).NODEFS;
      if (!files?.stream_ops) throw new Error('This version of PGlite cannot be made durable');
      files.stream_ops = { ...files.stream_ops, fsync: (file: OpenFile) => this.#sync(files, file) };
    };
    made.emscriptenOpts.preRun = [restore, ...(made.emscriptenOpts.preRun ?? [])];
    return made;
  }

  /**
   * Returns as a WASI system call does. An error must not be thrown: on its way through PostgreSQL it would be lost, and
   * the commit acknowledged. Told in numbers, PostgreSQL panics, which is right: nobody knows what the disk has.
   */
  #sync(files: NodeFiles, file: OpenFile): number {
    try {
      if (file.nfd === undefined) syncPath(files.realPath(file.node));
      else fsyncSync(file.nfd);
    } catch {
      return inputOutputError;
    }
    this.synced++;
    return 0;
  }
}

/** WASI's EIO. */
const inputOutputError = 29;

/** Makes the disk keep a file, or the names in a folder. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Windows has no fsync of folders, and does not need it.
    if (process.platform !== 'win32') throw error;
  } finally {
    closeSync(descriptor);
  }
}
