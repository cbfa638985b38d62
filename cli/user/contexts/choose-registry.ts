import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { BasicCredentials } from './basic.ts';
import { checkTokenSyntax } from './check-token-syntax.ts';
import type { Environment } from './config-folder.ts';
import type { ContextStore } from './context-store.ts';
import { findForeignCredentials } from './foreign-credentials.ts';
import { isProtectedUrl, parseRegistryUrl } from './parse-registry-url.ts';

/** Registry of a command, and the credentials for it. */
export interface ChosenRegistry {
  url: string;
  /** Context, if the address comes from one. */
  context?: string;
  token?: string;
  basic?: BasicCredentials;
  /** Place that the credentials come from. */
  source: 'environment' | 'context' | 'helm' | 'docker' | 'none';
}

/**
 * Chooses the registry of a command: `--context`, else HELM_REGISTRY_URL, else the context in use. Its token is
 * HELM_REGISTRY_TOKEN, else that of the context of the same address, else what Helm or Docker has stored for the host.
 * @throws {CommandError} where no registry is named
 */
export async function chooseRegistry(
  store: ContextStore,
  environment: Environment,
  wanted: string | undefined,
): Promise<ChosenRegistry> {
  const place = await chooseRegistryUrl(store, environment, wanted);
  // A token of the environment is not meant for a context that is named on the command line.
  const token = wanted === undefined ? environment.HELM_REGISTRY_TOKEN?.trim() : undefined;
  if (token) return { ...place, token: checkTokenSyntax(token), source: 'environment' };
  const context = await findContextOf(store, place);
  if (context?.token !== undefined) return { ...place, token: context.token, source: 'context' };
  const foreign = isProtectedUrl(place.url)
    ? await findForeignCredentials(environment, new URL(place.url).host)
    : undefined;
  return foreign ? { ...place, ...foreign } : { ...place, source: 'none' };
}

async function chooseRegistryUrl(
  store: ContextStore,
  { HELM_REGISTRY_URL }: Environment,
  wanted: string | undefined,
): Promise<{ url: string; context?: string }> {
  if (wanted !== undefined) return { url: (await store.read(wanted)).url, context: wanted };
  if (HELM_REGISTRY_URL) return { url: parseRegistryUrl(HELM_REGISTRY_URL) };
  const current = await store.current();
  if (current) return { url: current.url, context: current.name };
  throw new CommandError(
    'no registry is chosen: log in with `helm-registry login URL`, or name it in HELM_REGISTRY_URL',
    exitCodes.usage,
  );
}

/** Finds the context of an address; one that is named, else any for exactly the same address. */
async function findContextOf(store: ContextStore, { url, context }: { url: string; context?: string }) {
  if (context !== undefined) return store.find(context);
  const contexts = await store.list();
  return contexts.find((candidate) => candidate.url === url && candidate.token !== undefined);
}
