import type { Plan } from '../recipe/plan.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Warning } from '../recipe/warning.ts';
import type { JsonObject } from '../yaml/json.ts';

/** A well-formed recipe and the request that sent it. */
export interface Submission {
  space: string;
  recipe: Recipe;
  /** The body as it was sent; an idempotency key stands for its digest. */
  bodyText: string;
  /** The body without its callback, as the job's row has it. */
  storedBody: JsonObject;
  idempotencyKey?: string;
  /** Whether the client waits for the chart. */
  isWaitedFor: boolean;
}

/** A submission that passed planning and validation, ready to be inserted. */
export interface NewJob extends Submission {
  id: string;
  /** SHA-256 of the body, in hex. */
  bodyDigest: string;
  plan: Plan;
  warnings: readonly Warning[];
}
