import { splitIfNoTransaction } from '../../core/db/migration-header.ts';

/** SQL of a migration as its rules examine it. */
interface Statements {
  name: string;
  sql: string;
}

const breaking: readonly (readonly [RegExp, string])[] = [
  [/\bDROP (TABLE|COLUMN|VIEW|TYPE|FUNCTION|SEQUENCE|SCHEMA)\b/, 'drops what an older program may use'],
  [/\bRENAME\b/, 'renames what an older program may use'],
  [/\bALTER (COLUMN )?"?\w+"? (SET DATA )?TYPE\b/, 'changes a type, which rewrites the table too'],
  [/\bSET NOT NULL\b/, 'refuses rows that an older program writes'],
  [/\bDROP DEFAULT\b/, 'refuses rows that an older program writes'],
  [/\bALTER TYPE \w+ (DROP|RENAME)\b/, 'takes a value away that an older program may write'],
  [/\bTRUNCATE\b/, 'deletes what an older program has written'],
];

/**
 * Finds statements of a migration that stop programs of the last release. Such a migration names the
 * migration that a program must know (`-- needs: NUMBER WHY`), and only programs of the last release may be meant by it.
 * @param released number of the newest migration of the last release
 */
export function findBreaking({ name, sql }: Statements, released: string): string[] {
  const needs = /^-- needs: (\d{4}) \w/m.exec(sql)?.[1];
  if (needs !== undefined)
    return needs <= released
      ? []
      : [`${name} needs migration ${needs}, which the last release (${released}) does not have`];
  const text = strip(sql);
  const found = breaking.filter(([pattern]) => pattern.test(text)).map(([, fault]) => `${name} ${fault}`);
  return [...found, ...findRequiredColumns(text).map((column) => `${name} requires a value of ${column}`)];
}

/** Finds columns that are added without a default, and must have a value. */
function findRequiredColumns(text: string): string[] {
  const added = [
    ...text.matchAll(/\bADD (?:COLUMN )?(?:IF NOT EXISTS )?(\w+) ([^;]*?)(?=,\s*(?:ADD|DROP|ALTER)\b|;|$)/g),
  ];
  return added.flatMap(([, column = '', definition = '']) =>
    /\bNOT NULL\b/.test(definition) && !/\b(DEFAULT|GENERATED|CHECK)\b/.test(definition) ? [column] : [],
  );
}

/**
 * Finds statements that lock a table of the last release for long. Such a lock lasts while rows are read or written. Exceptions say why the table
 * is small: `-- locks: TABLE WHY`.
 */
export function findLongLocks({ name, sql }: Statements): string[] {
  const text = strip(sql);
  const own = [...text.matchAll(/\bCREATE TABLE (?:IF NOT EXISTS )?(\w+)/g)].map(([, table]) => table);
  const small = [...sql.matchAll(/^-- locks: (\w+) \w/gm)].map(([, table]) => table);
  const isHarmless = (table: string | undefined) => own.includes(table) || small.includes(table);
  const built = [...text.matchAll(/\bCREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?.*?\bON (\w+)/g)];
  const checked = [
    ...text.matchAll(
      /\bALTER TABLE (?:ONLY )?(\w+)[^;]*\bADD (?:CONSTRAINT|CHECK|FOREIGN KEY|PRIMARY KEY|UNIQUE)\b([^;]*)/g,
    ),
  ];
  const altered = [
    ...text.matchAll(
      /\bALTER TABLE (?:ONLY )?(\w+)[^;]*\b(?:SET NOT NULL|TYPE|DEFAULT (?:gen_random_uuid|clock_timestamp|random))\b/g,
    ),
  ];
  return [
    ...built
      .filter(([, concurrently, table]) => !concurrently && !isHarmless(table))
      .map(([, , table]) => `${name} builds an index of ${table} while nobody can write`),
    ...checked
      .filter(([, table, rest = '']) => !/NOT VALID|USING INDEX/.test(rest) && !isHarmless(table))
      .map(([, table]) => `${name} checks all rows of ${table} while nobody can use it`),
    ...altered
      .filter(([, table]) => !isHarmless(table))
      .map(([, table]) => `${name} rewrites or reads all of ${table} while nobody can use it`),
  ];
}

/** Finds what a migration outside a transaction may not do. A failure would leave the half of it. */
export function findUnrepeatable({ name, sql }: Statements): string[] {
  return (splitIfNoTransaction({ sql }) ?? [])
    .filter(
      (statement) =>
        !/^(DROP INDEX CONCURRENTLY IF EXISTS|CREATE (UNIQUE )?INDEX CONCURRENTLY) /.test(statement),
    )
    .map((statement) => `${name} does more than indexes outside a transaction: ${statement.slice(0, 60)}`);
}

/** Leaves out comments and what functions do later. */
function strip(sql: string): string {
  return sql
    .replace(/--.*$/gm, '')
    .replace(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replace(/\s+/g, ' ');
}
