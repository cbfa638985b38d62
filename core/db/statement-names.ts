import type pg from 'pg';

/** A statement as pg takes it. */
export type Naming = (sql: string, params?: readonly unknown[]) => pg.QueryConfig;

/** Statements that a connection keeps parsed; there are not so many, and what comes after them is parsed every time. */
const mostNames = 500;

/** Names statements by their texts: PostgreSQL parses a named one once for each connection, and may keep its plan. */
export function createNaming(): Naming {
  const names = new Map<string, string>();
  return (text, params = []) => {
    const name = names.get(text) ?? `s${names.size}`;
    if (names.size < mostNames) names.set(text, name);
    return names.has(text) ? { name, text, values: [...params] } : { text, values: [...params] };
  };
}
