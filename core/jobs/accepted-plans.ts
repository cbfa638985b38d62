import type { Plan } from '../recipe/plan.ts';
import type { Config } from '../recipe/recipe.ts';
import { createByteCache } from '../runtime/byte-cache.ts';

/** Plans of jobs that this process has accepted a moment ago, for a worker in it. */
export interface AcceptedPlanCache {
  /**
   * @param plan as it stands in the job's row
   * @param size characters of the recipe
   */
  add(id: string, plan: Plan<Config>, size: number): void;
  /** Hands a plan out, once. */
  takePlan(id: string): Plan<Config> | undefined;
}

/** Bytes of plans that are kept: nobody asks for those of jobs that go to another process. */
const capacity = 4 * 1024 * 1024;

/** Bytes that a plan takes for each character of its recipe, about: values are in both, sources are spelled out. */
const perCharacter = 10;

export function createAcceptedPlanCache(): AcceptedPlanCache {
  const plans = createByteCache<Plan<Config>>(capacity);
  return {
    add: (id, plan, size) => plans.set(id, plan, perCharacter * size),
    takePlan(id) {
      const plan = plans.get(id);
      plans.delete(id);
      return plan;
    },
  };
}
