import { RegistryError } from '../errors.ts';
import { maxPasswordBytes } from './passwords.ts';

/** Least number of characters, as NIST SP 800-63B asks for. No rule asks for digits or signs: they make no better ones. */
const minCharacters = 8;

/** Passwords that are tried first, by people and by programs, in lower case and without the digits at their ends. */
const commonPasswords: ReadonlySet<string> = new Set(
  `password passwort passw0rd p@ssword p@ssw0rd mypassword secret letmein changeme changeit welcome default trustno
   iloveyou sunshine princess football baseball superman starwars whatever computer internet dragon monkey abc abcd
   abcdefgh qwerty qwertz azerty qwertyui qwertyuiop qwertzui qwertzuiop asdfghjk asdfghjkl 1qaz2wsx 1q2w3e4r 1q2w3e4r5t
   admin administrator root toor user guest test master helm helmregistry helm-registry registry harbor kubernetes docker
   minioadmin postgres`.split(/\s+/),
);

/** Runs of keys: `12345678`, `87654321` and the like. */
const digitRuns = '01234567890123456789 98765432109876543210';

/**
 * Checks a password that a user is to have.
 * @throws {RegistryError} `request.invalid` for one that is too short, too long or easily guessed
 */
export function assertNewPassword(password: string, name: string): void {
  const problem = findPasswordProblem(password, name);
  if (problem !== undefined) throw new RegistryError('request.invalid', `The password ${problem}`);
}

function findPasswordProblem(password: string, name: string): string | undefined {
  if ([...password].length < minCharacters)
    return `is too short: it needs ${minCharacters} characters at least. A sentence of several words is good.`;
  if (Buffer.byteLength(password) > maxPasswordBytes)
    return `is too long: it may have ${maxPasswordBytes} bytes at most.`;
  if (/[\p{Cc}\p{Cs}]/u.test(password))
    return 'has a control character, such as a line break, which clients cannot send. Remove it.';
  const known = password.toLowerCase();
  if (name.length > 2 && known.replaceAll(name.toLowerCase(), '').length <= minCharacters / 2)
    return 'is little more than the user name. Choose another one.';
  if (
    commonPasswords.has(known) ||
    commonPasswords.has(known.replace(/[\d!.?]+$/, '')) ||
    /^(.{1,3})\1+$/su.test(known)
  )
    return 'is one of the first that are tried by guessing. Choose another one.';
  if (digitRuns.includes(known) || /^\d{8}$/.test(known))
    return 'has a few digits only. Choose a longer one, with words.';
  return undefined;
}
