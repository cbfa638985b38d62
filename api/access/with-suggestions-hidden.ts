import type { Context as HonoContext } from 'hono';
import { markRefusal, refusalOf } from '../../core/access/refusals.ts';
import { RegistryError } from '../../core/errors.ts';
import { withoutSuggestions } from '../../core/registry/not-found.ts';
import type { Env } from '../http/env.ts';
import { actorOf } from './route-access.ts';

/**
 * Runs a handler with suggested names hidden from tokens narrowed to some charts. Errors may name charts that such a
 * token must not know. Handlers of several callers may share an error, so it is left as it is.
 */
export async function withSuggestionsHidden<T>(c: HonoContext<Env>, handle: () => Promise<T>): Promise<T> {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof RegistryError) || !(await isNarrowedToCharts(c))) throw error;
    const refusal = refusalOf(error);
    const plain = withoutSuggestions(error);
    throw refusal ? markRefusal(plain, refusal) : plain;
  }
}

async function isNarrowedToCharts(c: HonoContext<Env>): Promise<boolean> {
  const actor = actorOf(c);
  if (!actor.guarded) return false;
  try {
    const { caller } = await actor.subject();
    return caller.kind === 'principal' && caller.narrowing?.charts !== undefined;
  } catch {
    // A credential that has ended meanwhile is suggested nothing either.
    return true;
  }
}
