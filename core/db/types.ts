import pg from 'pg';

type GetTypeParser = typeof pg.types.getTypeParser;

const int8 = pg.types.builtins.INT8;

/**
 * Parses an int8 as a number. A value past 2^53 - 1 stays text, which a number could not hold; no column of the
 * registry counts so far.
 */
function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

const getTypeParser: GetTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (oid === int8 && format !== 'binary') return parseInt8;
  return pg.types.getTypeParser(oid, format);
};

/** Type parsers of a client or pool: node-postgres' own, but for int8. Other users of pg keep theirs. */
export const typeParsers = { getTypeParser };
