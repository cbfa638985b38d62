import type { Database } from '../../core/db/port.ts';

/**
 * Reads every row of every table, those of the queue included. The text is that which a dump of the database would
 * have.
 */
export async function dumpDatabase(db: Database): Promise<string> {
  const tables = await db.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await db.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
    texts.push(name, ...rows.map(({ text }) => text));
  }
  return texts.join('\n');
}

/**
 * Finds the forms in which a text has a secret. A text may be as it is, in base64, and in hex as PostgreSQL shows
 * bytes.
 */
export function findSecret(text: string, secret: string): string[] {
  const bare = secret.replace(/^whsec_/, '');
  const decoded = Buffer.from(bare, 'base64');
  const forms = {
    plain: bare,
    base64: Buffer.from(bare).toString('base64').replace(/=*$/, ''),
    hex: Buffer.from(bare).toString('hex'),
    decoded: decoded.toString('latin1'),
    'decoded, in hex': decoded.toString('hex'),
  };
  return Object.entries(forms).flatMap(([name, form]) => (text.includes(form) ? [name] : []));
}
