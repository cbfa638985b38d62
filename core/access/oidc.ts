import * as client from 'openid-client';
import type { Config } from '../config/settings.ts';
import type { Log } from '../runtime/log.ts';
import { isLoopbackHost } from '../runtime/loopback-host.ts';
import { toOidcLoginError } from './oidc-failure.ts';
import { type ProviderAttempt, pkceChallengeOf } from './provider-attempts.ts';
import { type ProviderUser, readProviderUser, type UserClaimNames } from './provider-user.ts';

/** Settings of the provider. */
export interface OidcOptions {
  issuer: string;
  clientId: string;
  /** Empty for a public client, which has PKCE alone. */
  clientSecret: string;
  /** Scopes to ask for, `openid` among them. */
  scopes: readonly string[];
  claims: UserClaimNames;
}

/** Provider of identities, by OpenID Connect's code flow. */
export interface OidcProvider {
  /**
   * Makes the address at which a user logs in.
   * @throws {RegistryError} `service.unavailable` while the provider cannot be reached
   */
  authorizationUrl(attempt: ProviderAttempt, redirectUri: string): Promise<URL>;
  /**
   * Exchanges the code of a response, and verifies the ID token: signature, issuer, audience, nonce, time.
   * @param response address at which the browser came back
   * @throws {RegistryError} `access.unauthenticated` for a response that proves nobody, `service.unavailable`
   */
  verifyResponse(response: URL, attempt: ProviderAttempt): Promise<ProviderUser>;
}

/** Seconds for one request to the provider. */
const timeoutSeconds = 10;
/** Milliseconds for which the provider's metadata is used. */
const maxMetadataAgeMs = 3_600_000;

/** Opens the client of the provider that the settings name; undefined where they name none. */
export function openOidcProvider(config: Config, log: Pick<Log, 'warn'>): OidcProvider | undefined {
  if (config.oidcIssuer === '') return undefined;
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcScopes, oidcNameClaim, oidcGroupsClaim } = config;
  const options = {
    issuer: oidcIssuer,
    clientId: oidcClientId,
    clientSecret: oidcClientSecret,
    scopes: oidcScopes,
    claims: { name: oidcNameClaim, groups: oidcGroupsClaim },
  };
  return createOidcProvider(options, log);
}

/** Creates the client of a provider. It reads the metadata at the first log-in, and again after a failure. */
export function createOidcProvider(options: OidcOptions, log: Pick<Log, 'warn'>): OidcProvider {
  let discovered: { at: number; configuration: Promise<client.Configuration> } | undefined;
  const discover = async () => {
    if (!discovered || performance.now() - discovered.at > maxMetadataAgeMs) {
      discovered = { at: performance.now(), configuration: readConfiguration(options) };
    }
    const current = discovered;
    return current.configuration.catch((error: unknown) => {
      if (discovered === current) discovered = undefined;
      throw error;
    });
  };

  return {
    async authorizationUrl({ state, nonce, verifier }, redirectUri) {
      try {
        return client.buildAuthorizationUrl(await discover(), {
          redirect_uri: redirectUri,
          response_type: 'code',
          scope: options.scopes.join(' '),
          code_challenge: pkceChallengeOf(verifier),
          code_challenge_method: 'S256',
          state,
          nonce,
        });
      } catch (error) {
        throw toOidcLoginError(error, log);
      }
    },
    async verifyResponse(response, { state, nonce, verifier }) {
      try {
        const configuration = await discover();
        const tokens = await client.authorizationCodeGrant(configuration, response, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) throw new Error('There is no ID token.');
        const hasAll = Object.values(options.claims).every((name) => Object.hasOwn(claims, name));
        // Many providers leave groups and names out of ID tokens.
        const more =
          hasAll || configuration.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
        return readProviderUser({ ...more, ...claims }, options.claims);
      } catch (error) {
        throw toOidcLoginError(error, log);
      }
    },
  };
}

async function readConfiguration(options: OidcOptions): Promise<client.Configuration> {
  const issuer = new URL(options.issuer);
  const configuration = await client.discovery(
    issuer,
    options.clientId,
    undefined,
    createClientAuth(options.clientSecret),
    {
      timeout: timeoutSeconds,
      execute: isLoopbackHost(issuer.hostname) ? [client.allowInsecureRequests] : [],
    },
  );
  // Without it openid-client trusts the connection, and does not check the signature.
  client.enableNonRepudiationChecks(configuration);
  return configuration;
}

/** Sends the client's secret as the provider wants it, by Basic where it does not say. */
function createClientAuth(secret: string): client.ClientAuth {
  if (secret === '') return client.None();
  const byHeader = client.ClientSecretBasic(secret);
  const byBody = client.ClientSecretPost(secret);
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return methods.includes('client_secret_basic') ? byHeader(server, ...rest) : byBody(server, ...rest);
  };
}
