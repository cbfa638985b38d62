import { isLoopbackHost } from '../runtime/loopback-host.ts';
import { StartError } from '../runtime/startup-error.ts';
import type { Config } from './settings.ts';

/** Returns whether rights are checked: as `ACCESS` says, and not where it is silent. */
export function accessMode({ access }: Pick<Config, 'access'>): 'open' | 'guarded' {
  return access === '' ? 'open' : access;
}

/** Tells whether only programs of this machine reach the interface. */
export function listensOnLoopback({ listen }: Pick<Config, 'listen'>): boolean {
  return isLoopbackHost(listen.slice(0, listen.lastIndexOf(':')));
}

/**
 * Refuses to be open to a network unless the operator said so. On loopback a proxy may bring others in: a registry behind
 * one has the address or the host by which it is reached.
 * @throws {StartError} that names both choices
 */
export function assertAccessChosen(
  config: Pick<Config, 'access' | 'listen' | 'publicUrl' | 'allowedHosts'>,
): void {
  const reached = config.access === '' ? findReachableSetting(config) : undefined;
  if (reached === undefined) return;
  throw new StartError(
    `${reached} can be reached from other machines, and nothing says who may do what: set ACCESS=guarded to check rights, or ACCESS=open to let everybody who reaches it read, write and delete everything`,
  );
}

/** Finds the setting by which other machines reach the registry. */
function findReachableSetting({
  listen,
  publicUrl,
  allowedHosts,
}: Parameters<typeof assertAccessChosen>[0]): string | undefined {
  if (!listensOnLoopback({ listen })) return `LISTEN (${listen})`;
  if (publicUrl !== '' && !isLoopbackHost(new URL(publicUrl).hostname)) return `PUBLIC_URL (${publicUrl})`;
  const host = allowedHosts.find((name) => !isLoopbackHost(name));
  return host === undefined ? undefined : `${host} of ALLOWED_HOSTS`;
}
