import type { Config } from '../config/settings.ts';

/** Returns the seconds for which a deleted version can be had back. The time is never less than its archive is kept anyway. */
export function restoreSecondsOf({ restoreFor, gcGrace }: Pick<Config, 'restoreFor' | 'gcGrace'>): number {
  return Math.max(restoreFor, gcGrace);
}
