import type { AuditRecord } from '../audit/event.ts';
import type { Plan } from '../recipe/plan.ts';
import type { ParsedRecipe } from '../recipe/read-recipe.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import type { Warning } from '../recipe/warning.ts';
import type { SealedCallback } from '../webhooks/callback-secrets.ts';
import type { RecipeRights } from './recipe-rights.ts';

/** Well-formed recipe and the request that sent it. */
export interface Submission extends ParsedRecipe {
  space: string;
  /** The body as it was sent; an idempotency key stands for its digest. */
  bodyText: string;
  /** Text of the recipe, if that is YAML: its warnings have places in it. */
  yamlText?: string | undefined;
  idempotencyKey?: string;
}

/** A submission that passed planning and validation, ready to be inserted. */
export interface NewJob extends Omit<Submission, 'recipe'> {
  id: string;
  /** Recipe without its callback, whose secret is in clear. */
  recipe: Omit<Recipe<Configuration>, 'callback'>;
  callback: SealedCallback | undefined;
  /** SHA-256 of the body, in hex. */
  bodyDigest: string;
  plan: Plan<Configuration>;
  warnings: readonly Warning[];
  /** Rights of its author when the recipe was accepted. */
  rights: RecipeRights;
  /** Event of its arrival; undefined in a registry with open access. */
  audit: AuditRecord | undefined;
  /** Trace that the job continues. */
  traceparent: string | undefined;
}
