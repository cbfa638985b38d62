import { writeUserCode } from './user-code.ts';

/** Names the token of a command for the list of its user. The name has the code that the user has seen. */
export function nameToken(client: string, code: string): string {
  return `${client}, ${writeUserCode(code)}`;
}
