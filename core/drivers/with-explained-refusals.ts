import type { Database } from '../db/port.ts';
import type { RegistryError } from '../errors.ts';
import { explainMirroredWrite } from '../mirror/fence.ts';
import { explainQuota } from '../quotas/quota-errors.ts';

/** Explains the refusal of a trigger; undefined for every other error. */
type RefusalExplainer = (error: unknown) => RegistryError | undefined;

const refusalExplainers: readonly RefusalExplainer[] = [explainQuota, explainMirroredWrite];

/**
 * Wraps a database so that refusals of triggers are errors for clients. Any write may meet such a refusal. So no use
 * case has to ask before whether a space has room, or is a mirror.
 */
export function withExplainedRefusals(db: Database): Database {
  return {
    ...db,
    async transaction(work) {
      try {
        return await db.transaction(work);
      } catch (error) {
        for (const explain of refusalExplainers) {
          const refusal = explain(error);
          if (refusal) throw refusal;
        }
        throw error;
      }
    },
  };
}
