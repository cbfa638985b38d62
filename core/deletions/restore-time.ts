import type { Config } from '../config/settings.ts';

/**
 * Returns the seconds for which a deleted version can be restored. It is at least the grace period, in which the
 * archive stays anyway.
 */
export function restoreSecondsOf({ restoreFor, gcGrace }: Pick<Config, 'restoreFor' | 'gcGrace'>): number {
  return Math.max(restoreFor, gcGrace);
}
