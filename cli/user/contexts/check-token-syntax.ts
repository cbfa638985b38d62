import { usageError } from '../command-error.ts';

/** Checks that a text can be a token, which goes into a header. The message does not show it. @throws {CommandError} */
export function checkTokenSyntax(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw usageError('the token has characters that no token has: blanks, line breaks or letters beyond ASCII');
}
