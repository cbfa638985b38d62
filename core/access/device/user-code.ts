import { randomInt } from 'node:crypto';

/** Letters of user codes: without vowels no code is a word, and none looks like a digit (RFC 8628 section 6.1). */
const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ';
const userCodeLength = 8;

/** Makes a random user code as it is stored, which has 34 bits. */
export function makeUserCode(): string {
  return Array.from(
    { length: userCodeLength },
    () => userCodeLetters[randomInt(userCodeLetters.length)],
  ).join('');
}

/** Writes a user code for people: `BCDF-GHJK`. */
export function writeUserCode(code: string): string {
  return `${code.slice(0, userCodeLength / 2)}-${code.slice(userCodeLength / 2)}`;
}

/**
 * Reads a user code that somebody typed: in any case, with any blanks and hyphens.
 * @returns it as it is stored; undefined for a text that can be none
 */
export function readUserCode(text: string): string | undefined {
  const code = text.replaceAll(/[\s\p{Pd}]/gu, '').toUpperCase();
  return new RegExp(`^[${userCodeLetters}]{${userCodeLength}}$`).test(code) ? code : undefined;
}

/** Returns the name of a command's token for the list of its user. The name has the code that the user has seen. */
export function deviceTokenName(client: string, code: string): string {
  return `${client}, ${writeUserCode(code)}`;
}
