import type { Plan } from '../recipe/plan.ts';
import type { ReadRecipe } from '../recipe/read-recipe.ts';
import type { Config } from '../recipe/recipe.ts';
import type { Warning } from '../recipe/warning.ts';

/** Recipe that is well-formed, and how it was sent. */
export interface Submission extends ReadRecipe {
  space: string;
  /** The body as it was sent, which is what an idempotency key stands for. */
  bodyText: string;
  idempotencyKey?: string;
  /** Whether who sent it waits for the chart. */
  waited: boolean;
}

/** A submission that has passed every check: what becomes a row. */
export interface NewJob extends Submission {
  id: string;
  /** SHA-256 of the body, in hex. */
  bodyDigest: string;
  plan: Plan<Config>;
  warnings: readonly Warning[];
}
