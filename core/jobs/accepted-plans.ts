import type { Plan } from '../recipe/plan.ts';
import { hasData } from '../recipe/plan-text.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { createByteCache } from '../runtime/byte-cache.ts';

/** Plans of jobs that this process accepted recently, for a worker in the same process. */
export interface AcceptedPlanCache {
  /**
   * @param plan as it is in the job's row
   * @param size characters of the recipe
   */
  add(id: string, plan: Plan<Configuration>, size: number): void;
  /** Removes a plan from the cache and returns it. */
  takePlan(id: string): Plan<Configuration> | undefined;
}

/** Bytes of cached plans. Plans of jobs that run in other processes stay until newer ones displace them. */
const maxBytes = 4 * 1024 * 1024;

/**
 * Approximate bytes of a plan for each character of its recipe. A plan repeats the values and spells out the sources;
 * values that are texts take far less than objects.
 */
const bytesPerCharacter = { objects: 10, texts: 2 };

/** Creates an empty cache of accepted plans. */
export function createAcceptedPlanCache(): AcceptedPlanCache {
  const plans = createByteCache<Plan<Configuration>>(maxBytes);
  return {
    add: (id, plan, size) =>
      plans.set(id, plan, bytesPerCharacter[hasData(plan) ? 'objects' : 'texts'] * size),
    takePlan(id) {
      const plan = plans.get(id);
      plans.delete(id);
      return plan;
    },
  };
}
