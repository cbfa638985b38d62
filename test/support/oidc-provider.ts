import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';

/** Person that can log in at the provider. */
export interface TestPerson {
  preferred_username?: string;
  groups?: string[];
}

/** Algorithms of the provider's keys. */
export type TestAlgorithm = 'RS256' | 'ES256';

/** Real OpenID Connect provider on loopback. It logs in whom the test names, without asking for a password. */
export interface TestProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** People by their subjects. */
  people: Map<string, TestPerson>;
  /** Serves the registry's client, which has these redirect addresses. */
  serve(redirectUris: string[], options?: TestClientOptions): void;
  /** Chooses who logs in next. */
  logsIn(subject: string): void;
  /** Changes the answers of the token endpoint, as a broken or hostile provider would. */
  tamper(change: ((idToken: string) => string | Promise<string>) | undefined): void;
  /** Signs a token with a key of the provider. */
  sign(claims: JWTPayload, algorithm?: TestAlgorithm, header?: Record<string, unknown>): Promise<string>;
  /** Returns a public key of the provider, as everybody can read it. */
  publicJwk(algorithm: TestAlgorithm): Promise<JWK>;
  close(): Promise<void>;
}

/** Options of the registry's client. */
export interface TestClientOptions {
  algorithm?: TestAlgorithm;
  /** Whether names and groups are in the ID token; else at the UserInfo endpoint only. */
  claimsInIdToken?: boolean;
}

/** Starts a provider on a free port of loopback. */
export async function startOidcProvider(): Promise<TestProvider> {
  const keys = { RS256: await makeKey('RS256'), ES256: await makeKey('ES256') };
  const people = new Map<string, TestPerson>();
  let subject = '';
  let change: ((idToken: string) => string | Promise<string>) | undefined;
  let handle = (_request: IncomingMessage, response: ServerResponse): unknown =>
    response.writeHead(404).end();
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${portOf(server.address())}`;
  const client = { clientId: 'registry', clientSecret: 'a-secret-of-the-test-client-of-256-bits' };
  return {
    issuer,
    ...client,
    people,
    serve(redirectUris, { algorithm = 'RS256', claimsInIdToken = true } = {}) {
      const provider = new Provider(issuer, {
        ...configure(people, claimsInIdToken),
        jwks: { keys: Object.values(keys).map(({ jwk }) => jwk) },
        clients: [
          {
            client_id: client.clientId,
            client_secret: client.clientSecret,
            redirect_uris: redirectUris,
            id_token_signed_response_alg: algorithm,
          },
        ],
      });
      provider.use(async (ctx, next) => {
        if (ctx.path.startsWith('/interaction/')) {
          // The provider's own session decides otherwise, so a test that changes the person starts a new browser.
          await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: subject } });
          ctx.respond = false;
          return;
        }
        await next();
        const body: unknown = ctx.body;
        if (ctx.path === '/token' && change && hasIdToken(body)) {
          ctx.body = { ...body, id_token: await change(body.id_token) };
        }
      });
      handle = provider.callback();
    },
    logsIn: (next) => {
      subject = next;
    },
    tamper: (next) => {
      change = next;
    },
    sign: (claims, algorithm = 'RS256', header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid: algorithm, ...header })
        .sign(keys[algorithm].privateKey, { crit: { b64: true, 'x-must': true } }),
    publicJwk: (algorithm) => exportJWK(keys[algorithm].publicKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function configure(people: TestProvider['people'], claimsInIdToken: boolean): Configuration {
  return {
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    conformIdTokenClaims: !claimsInIdToken,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['a-key-for-the-cookies-of-the-test-provider'] },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, ...people.get(accountId) }),
    }),
    // Everybody has agreed already.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId,
        accountId: oidc.session?.accountId,
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  };
}

async function makeKey(algorithm: TestAlgorithm) {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const common = { kid: algorithm, alg: algorithm, use: 'sig' };
  const jwk: JWK = { ...(await exportJWK(privateKey)), ...common };
  return { jwk, publicKey, privateKey };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The provider listens on no port.');
  return address.port;
}

function hasIdToken(body: unknown): body is Record<string, unknown> & { id_token: string } {
  return typeof body === 'object' && body !== null && 'id_token' in body && typeof body.id_token === 'string';
}
