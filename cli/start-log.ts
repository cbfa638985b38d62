import { findMisspelt } from '../core/config/misspelt.ts';
import type { Config } from '../core/config/settings.ts';
import { createLog, type Log } from '../core/runtime/log.ts';

/**
 * Creates the log of a command. Warns of environment variables that look like misspelt settings.
 * @param destination 1 is standard output, 2 standard error
 */
export function startLog({ logLevel }: Config, destination?: 1 | 2, level: string = logLevel): Log {
  const log = createLog(level, destination);
  for (const { name, nearest } of findMisspelt(process.env)) {
    log.warn(
      { variable: name, ...(nearest === undefined ? {} : { nearest }) },
      nearest === undefined
        ? `the environment variable ${name} has no effect: there is no such setting, docs/configuration.md lists them`
        : `the environment variable ${name} has no effect: did you mean ${nearest}?`,
    );
  }
  return log;
}
