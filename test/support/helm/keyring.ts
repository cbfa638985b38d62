import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAvailable } from '../servers/program.ts';

/** A key to sign charts with, as Helm wants it: keyrings of GnuPG's old format. */
export interface Keyring {
  name: string;
  /** Files. */
  secret: string;
  public: string;
}

/** Whether GnuPG is there; with `CI=true` it is said that it is, and the tests that use it fail. */
export const hasGnupg = () => isAvailable('gpg', ['--version']);

/** Makes a key of its own, without a passphrase. @param folder for the keyrings; a short path, since sockets are in it */
export async function makeKeyring(folder: string): Promise<Keyring> {
  const home = join(folder, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const env = { PATH: process.env.PATH, GNUPGHOME: home };
  const gpg = async (...args: string[]) =>
    (await promisify(execFile)('gpg', ['--batch', '--yes', ...args], { env, encoding: 'buffer' })).stdout;
  const name = 'packager@example.org';
  try {
    await gpg('--passphrase', '', '--quick-generate-key', name, 'rsa2048', 'sign');
    const keyring = { name, secret: join(folder, 'secret.gpg'), public: join(folder, 'public.gpg') };
    await writeFile(keyring.secret, await gpg('--export-secret-keys'));
    await writeFile(keyring.public, await gpg('--export'));
    return keyring;
  } finally {
    await promisify(execFile)('gpgconf', ['--kill', 'all'], { env });
  }
}
