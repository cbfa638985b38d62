import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAvailable } from './servers/program.ts';

/** A key of gpg's, in the files that Helm reads. */
export interface Keyring {
  user: string;
  /** Keyring with the secret key, without a passphrase, in the form of before GnuPG 2.1. */
  secret: string;
  public: string;
  /** For gpg, to find it. */
  environment: NodeJS.ProcessEnv;
}

/** Whether gpg can be started; with `CI=true` it is said that it can, and the tests that start it fail. */
export function hasGpg(): boolean {
  return isAvailable('gpg', ['--version']);
}

/** Makes a key in a folder of its own below `home`. */
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
  // It would stay for good, and hold the folder.
  await promisify(execFile)('gpgconf', ['--kill', 'gpg-agent'], { env: environment });
  return { user, secret: secretRing, public: publicRing, environment };
}
