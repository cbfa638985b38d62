import type { Database } from '../db/port.ts';
import type { RegistryError } from '../errors.ts';
import { explainFence } from '../mirror/fence.ts';
import { explainQuota } from '../quotas/quota-errors.ts';

/** Explains the refusal of a trigger; undefined for every other error. */
type Explain = (error: unknown) => RegistryError | undefined;

const explanations: readonly Explain[] = [explainQuota, explainFence];

/**
 * Returns a database in which what triggers refuse is an error for clients, whichever write meets it. So no use case has
 * to ask before whether a space has room, or is a mirror.
 */
export function explainRefusals(db: Database): Database {
  return {
    ...db,
    async transaction(work) {
      try {
        return await db.transaction(work);
      } catch (error) {
        for (const explain of explanations) {
          const refusal = explain(error);
          if (refusal) throw refusal;
        }
        throw error;
      }
    },
  };
}
