/** A transaction on one connection of the pool. Await nothing but `client` in it: there may be one connection. */

import type { ClientBase, Pool } from 'pg';

/** Throws what `act` throws, and then nothing of it is stored. */
export async function inTransaction(pool: Pool, act: (client: ClientBase) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    await act(client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch((lost: unknown) => {
      broken = lost instanceof Error ? lost : new Error(String(lost));
    });
    throw error;
  } finally {
    // A connection that cannot roll back is not used again.
    client.release(broken);
  }
}
