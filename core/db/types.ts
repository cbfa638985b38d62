import pg from 'pg';

type GetTypeParser = typeof pg.types.getTypeParser;

const int8 = pg.types.builtins.INT8;

/**
 * An int8 as a number. One past 2^53 - 1 stays text, since a number would be another one; nothing here counts so far.
 */
function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

const getTypeParser: GetTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (oid === int8 && format !== 'binary') return parseInt8;
  return pg.types.getTypeParser(oid, format);
};

/** Type parsers for one client or pool: node-postgres' own but for int8, without changing them for other users of pg. */
export const typeParsers = { getTypeParser };
