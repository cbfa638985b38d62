import type { Plan } from '../recipe/plan.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Warning } from '../recipe/warning.ts';
import type { JsonObject } from '../yaml/json.ts';

/** A recipe that is well-formed, and how it was sent. */
export interface Submission {
  space: string;
  recipe: Recipe;
  /** The body as it was sent, which is what an idempotency key stands for. */
  bodyText: string;
  /** What is kept of the body: all but the callback. */
  storedBody: JsonObject;
  idempotencyKey?: string;
  /** Whether who sent it waits for the chart. */
  isWaitedFor: boolean;
}

/** A submission that has passed every check: what becomes a row. */
export interface NewJob extends Submission {
  id: string;
  /** SHA-256 of the body, in hex. */
  bodyDigest: string;
  plan: Plan;
  warnings: readonly Warning[];
}
