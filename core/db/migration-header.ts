import { StartError } from '../runtime/startup-error.ts';
import type { Migration } from './migration-files.ts';

/** First line of a migration that is run statement by statement, outside a transaction. */
const noTransactionLine = '-- without a transaction';

/**
 * Splits a migration that runs outside a transaction, as CREATE INDEX CONCURRENTLY must. Each statement ends at a line end,
 * and can be repeated: what was done before a failure is done again.
 * @returns its statements; undefined for one that runs as a whole
 */
export function splitIfNoTransaction({ sql }: Pick<Migration, 'sql'>): string[] | undefined {
  if (!sql.startsWith(`${noTransactionLine}\n`)) return undefined;
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/**
 * Reads which migration a program must know to run on a schema. The header has the form `-- needs: 0060 WHY`. Without that
 * line older programs go on running.
 * @returns its number
 */
export function neededMigration({ name, sql }: Pick<Migration, 'name' | 'sql'>): string | undefined {
  const [, needed] = /^-- needs: *(\S*)/m.exec(sql) ?? [];
  if (needed === undefined || /^\d{4}$/.test(needed)) return needed;
  throw new StartError(`migration ${name}: expected a line like \`-- needs: 0001 WHY\``);
}
