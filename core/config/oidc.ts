import { StartError } from '../runtime/startup-error.ts';
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
