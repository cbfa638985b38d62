import { readFile } from 'node:fs/promises';
import { StartError } from '../runtime/startup-error.ts';
import { errorCode } from '../runtime/transient-errors.ts';
import type { Config } from './settings.ts';

/**
 * Checks that the settings of the provider of identities are complete.
 * @throws {StartError} that says what to set
 */
export function checkOidc({ oidcIssuer, oidcClientId, oidcScopes }: Config): void {
  if ((oidcIssuer === '') !== (oidcClientId === '')) {
    throw new StartError(
      `log-in by a provider of identities needs OIDC_ISSUER and OIDC_CLIENT_ID: ${oidcIssuer === '' ? 'OIDC_ISSUER' : 'OIDC_CLIENT_ID'} is not set`,
    );
  }
  if (!oidcScopes.includes('openid')) throw new StartError('OIDC_SCOPES lacks openid: add it');
}

/**
 * Reads the secret of the client at the provider, from its setting or its file.
 * @throws {StartError} for a file that cannot be read or is empty, and for a secret beside a file
 */
export async function readClientSecret({ oidcClientSecret, oidcClientSecretFile }: Config): Promise<string> {
  if (oidcClientSecretFile === '') return oidcClientSecret;
  if (oidcClientSecret !== '')
    throw new StartError(
      'OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE are both set; remove one of the two',
    );
  const place = `OIDC_CLIENT_SECRET_FILE: ${oidcClientSecretFile}`;
  const text = await readFile(oidcClientSecretFile, 'utf8').catch((error: unknown) => {
    throw new StartError(`${place} cannot be read (${errorCode(error)})`);
  });
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new StartError(`${place} is empty`);
  return secret;
}
