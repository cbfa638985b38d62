import type pg from 'pg';

/** Makes pg's query of a statement and its parameters. */
export type StatementNamer = (sql: string, params?: readonly unknown[]) => pg.QueryConfig;

/** Statements that a connection keeps parsed; the program has fewer, and any further one is parsed every time. */
const maxNamedStatements = 500;

/**
 * Creates the function that names statements, each text once. PostgreSQL parses a named statement once for
 * each connection, and may keep its plan.
 */
export function createStatementNamer(): StatementNamer {
  const names = new Map<string, string>();
  return (text, params = []) => {
    const name = names.get(text) ?? `s${names.size}`;
    if (names.size < maxNamedStatements) names.set(text, name);
    return names.has(text) ? { name, text, values: [...params] } : { text, values: [...params] };
  };
}
