import { sqlStateOf } from '../db/sql-state.ts';
import { errorCode } from '../runtime/transient-errors.ts';
import { explainNetwork } from './explain-network.ts';

/** Explains why PostgreSQL could not be used, with the remedy. SQLSTATEs are in appendix A of its manual. */
export function explainPostgres(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  switch (sqlStateOf(error)) {
    case '28P01':
      return 'it does not accept user and password (28P01): check both in DATABASE_URL; special characters of a password are percent-encoded there';
    case '28000':
      return /encryption|SSL/i.test(message)
        ? 'it accepts no connections of this kind from here (28000): see pg_hba.conf, or add ?sslmode=verify-full to DATABASE_URL'
        : 'it does not let this user in from here (28000): check the user in DATABASE_URL, and pg_hba.conf';
    case '3D000':
      return 'the database that DATABASE_URL names does not exist (3D000): create it (`createdb NAME`), or name another';
    case '42501':
      return `the user lacks a right (42501, ${message}): make it the owner of the database, or grant it CREATE there and on schema public`;
    case '53300':
      return 'it has no connection left (53300): raise its max_connections, or lower DATABASE_POOL';
    case '53100':
      return 'its disk is full (53100): make room there';
    case '57P03':
      return 'it is starting or stopping (57P03): start again in a moment';
    case '25006':
      return 'it is read-only, a standby perhaps (25006): name the primary in DATABASE_URL';
  }
  if (message.includes('does not support SSL')) {
    return 'it does not support TLS: remove sslmode from DATABASE_URL, or switch ssl on at the server';
  }
  if (message.includes('password must be a string')) {
    return 'it asks for a password and DATABASE_URL has none: postgres://USER:PASSWORD@HOST/DATABASE';
  }
  if (/timeout/.test(message)) {
    return 'it does not answer: check host and port in DATABASE_URL, and that PostgreSQL is what listens there';
  }
  if (/invalid response|^Connection terminated|unexpected/i.test(message)) {
    return 'what listens there does not speak as PostgreSQL does: check host and port in DATABASE_URL';
  }
  return explainNetwork(error, 'DATABASE_URL') ?? errorCode(error);
}
