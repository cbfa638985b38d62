import { RegistryError } from '../errors.ts';

/** Event after which a page of the audit begins; the page has older ones. */
export interface AuditCursor {
  /** ISO 8601, with microseconds, as the database has it. */
  time: string;
  number: number;
}

/** Writes a cursor as the text that clients send for the next page. */
export function writeAuditCursor({ time, number }: AuditCursor): string {
  return Buffer.from(`${time} ${number}`).toString('base64url');
}

/** Reads the text of a cursor. @throws {RegistryError} `request.invalid` for any other text */
export function readAuditCursor(text: string): AuditCursor {
  const [, time, number] = cursorPattern.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (time !== undefined && !Number.isNaN(Date.parse(time))) return { time, number: Number(number) };
  throw new RegistryError(
    'request.invalid',
    'cursor: this is not a cursor of this list. Send the one of the Link header of the previous page.',
    { parameter: 'cursor' },
  );
}

const cursorPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (\d{1,15})$/;
