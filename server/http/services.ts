/** What the HTTP door needs of the rest of the server. */

import type { Logger } from 'pino';
import type { AccessServices } from '../access/access.js';
import type { Origins } from '../access/origin.js';
import type { AnnotationNames } from '../documents/annotation-names.js';
import type { Library } from '../documents/library.js';
import type { Budgets } from '../rooms/budget.js';
import type { RoomDoor } from '../rooms/door.js';
import type { Clock } from '../rooms/ports.js';

export interface HttpServices {
  readonly access: AccessServices;
  readonly library: Library;
  readonly names: AnnotationNames;
  readonly door: RoomDoor;
  /** What one person may cost, over all doors. */
  readonly budgets: Pick<Budgets, 'take' | 'retryAfter'>;
  readonly origins: Origins;
  readonly clock: Clock;
  readonly log: Logger;
  /** The folder of the built page. */
  readonly clientDir: string;
  /** A reverse proxy stands before the server and says whose request it is: so where `PUBLIC_URL` is set. */
  readonly behindProxy: boolean;
  /** Does the database answer? */
  readonly ready: () => Promise<boolean>;
  readonly metrics: { answered(status: number): void; text(): Promise<string> };
}
