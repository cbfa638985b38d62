import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAvailable } from './servers/program.ts';

/** Key of gpg, in the files that Helm reads. */
export interface Keyring {
  user: string;
  /** Keyring with the secret key, without a passphrase, in the format before GnuPG 2.1. */
  secret: string;
  public: string;
  /** Environment in which gpg finds the key. */
  environment: NodeJS.ProcessEnv;
}

/** Tells whether gpg can be started. With `CI=true` always, so that tests fail where it is missing. */
export function hasGpg(): boolean {
  return isAvailable('gpg', ['--version']);
}

/** Makes a key in the folder `gnupg` below `home`. */
export async function makeKeyring(home: string): Promise<Keyring> {
  const folder = join(home, 'gnupg');
  await mkdir(folder, { mode: 0o700 });
  const environment = { PATH: process.env.PATH, HOME: home, GNUPGHOME: folder };
  const gpg = (...args: string[]) =>
    promisify(execFile)('gpg', ['--batch', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
      env: environment,
    });
  const user = 'charts@example.test';
  await gpg('--quick-generate-key', user, 'rsa2048', 'sign', 'never');
  const [secretRing, publicRing] = [join(folder, 'secret.gpg'), join(folder, 'public.gpg')];
  await gpg('--output', secretRing, '--export-secret-keys', user);
  await gpg('--output', publicRing, '--export', user);
  // Otherwise the agent would run on, and use the folder.
  await promisify(execFile)('gpgconf', ['--kill', 'gpg-agent'], { env: environment });
  return { user, secret: secretRing, public: publicRing, environment };
}
