import * as client from 'openid-client';
import { RegistryError } from '../errors.ts';
import type { Log } from '../runtime/log.ts';
import { isLoopback } from './issuer-url.ts';
import { challengeOf, type LoginAttempt } from './login-attempts.ts';
import { type ProviderUser, readUser, type UserClaims } from './provider-user.ts';

/** Settings of the provider. */
export interface OidcOptions {
  issuer: string;
  clientId: string;
  /** Empty for a public client, which has PKCE alone. */
  clientSecret: string;
  /** Scopes to ask for, `openid` among them. */
  scopes: readonly string[];
  claims: UserClaims;
}

/** Provider of identities, by OpenID Connect's code flow. */
export interface OidcProvider {
  /**
   * Makes the address at which a user logs in.
   * @throws {RegistryError} `service.unavailable` while the provider cannot be reached
   */
  authorizationUrl(attempt: LoginAttempt, redirectUri: string): Promise<URL>;
  /**
   * Exchanges the code of a response, and verifies the ID token: signature, issuer, audience, nonce, time.
   * @param response address at which the browser came back
   * @throws {RegistryError} `access.unauthenticated` for a response that proves nobody, `service.unavailable`
   */
  verifyResponse(response: URL, attempt: LoginAttempt): Promise<ProviderUser>;
}

/** Seconds for one request to the provider. */
const timeout = 10;
/** Milliseconds for which the provider's metadata is used. */
const metadataAgeMs = 3_600_000;

/** Creates the client of a provider. It reads the metadata at the first log-in, and again after a failure. */
export function createOidcProvider(options: OidcOptions, log: Pick<Log, 'warn'>): OidcProvider {
  let discovered: { at: number; configuration: Promise<client.Configuration> } | undefined;
  const discover = async () => {
    if (!discovered || performance.now() - discovered.at > metadataAgeMs) {
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
          code_challenge: challengeOf(verifier),
          code_challenge_method: 'S256',
          state,
          nonce,
        });
      } catch (error) {
        throw explain(error, log);
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
        return readUser({ ...more, ...claims }, options.claims);
      } catch (error) {
        throw explain(error, log);
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
    authenticateBy(options.clientSecret),
    { timeout, execute: isLoopback(issuer.hostname) ? [client.allowInsecureRequests] : [] },
  );
  // Without it openid-client trusts the connection, and does not check the signature.
  client.enableNonRepudiationChecks(configuration);
  return configuration;
}

/** Sends the client's secret as the provider wants it, by Basic where it does not say. */
function authenticateBy(secret: string): client.ClientAuth {
  if (secret === '') return client.None();
  const byHeader = client.ClientSecretBasic(secret);
  const byBody = client.ClientSecretPost(secret);
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return methods.includes('client_secret_basic') ? byHeader(server, ...rest) : byBody(server, ...rest);
  };
}

/** Turns a failure into an error for the page. Its causes hold codes and tokens, so only its message is logged. */
function explain(error: unknown, log: Pick<Log, 'warn'>): RegistryError {
  const isRefused =
    error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError;
  const reason = isRefused ? error.error : error instanceof Error ? error.message : 'unknown';
  log.warn({ reason: reason.slice(0, 200) }, 'a log-in at the provider failed');
  if (isRefused) {
    return new RegistryError(
      'access.unauthenticated',
      'The provider refused the log-in. Log in again, or ask whoever runs the provider.',
    );
  }
  return isUnreachable(error)
    ? new RegistryError(
        'service.unavailable',
        'The provider of identities cannot be reached right now. Try again in a moment.',
      )
    : new RegistryError(
        'access.unauthenticated',
        'The response of the provider could not be verified. Log in again; the log of the registry says more.',
      );
}

/** Whether the provider could not be reached, or answered with something else than documents. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof TypeError) return error.cause !== undefined;
  return error instanceof client.ClientError && unreachableCodes.has(error.code);
}

const unreachableCodes: ReadonlySet<string | undefined> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);
