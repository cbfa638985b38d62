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
 * Refuses to be open to a network unless the operator said so.
 * @throws {StartError} that names both choices
 */
export function assertAccessChosen(config: Pick<Config, 'access' | 'listen'>): void {
  if (config.access !== '' || listensOnLoopback(config)) return;
  throw new StartError(
    `LISTEN (${config.listen}) can be reached from other machines, and nothing says who may do what: set ACCESS=guarded to check rights, or ACCESS=open to let everybody who reaches it read, write and delete everything`,
  );
}
