import { decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { KeyRing } from './keys.ts';
import { repositoryActions, type ScopeClaims } from './registry-scopes.ts';

/**
 * Claims of a registry token: whose it is, and what it may be used for at most.
 * It only narrows: rights, revocation and spaces are read at each request.
 */
export interface RegistryTokenClaims extends ScopeClaims {
  /** Id of the principal; undefined for anonymous callers. */
  principalId?: string;
  /** Id of the token (`hrt_ID_...`) that it was issued for, with which it is revoked and narrowed. */
  tokenId?: string;
  /** Proof that it was issued for where that was no token, with which it ends. */
  proof?: string;
}

/** Registry token as the token endpoint answers it. */
export interface IssuedRegistryToken {
  text: string;
  issuedAt: Date;
  /** Seconds for which it is valid. */
  expiresInSeconds: number;
}

/** Issues and reads registry tokens, the same in all processes. */
export interface RegistryTokens {
  /** Issues a token, signed with the newest key. */
  issue(claims: RegistryTokenClaims): Promise<IssuedRegistryToken>;
  /**
   * Reads a token that a client sent.
   * @returns undefined for one that is malformed, expired, or not issued by this registry
   * @throws the errors of the database
   */
  read(text: string): Promise<RegistryTokenClaims | undefined>;
}

/** Name of the registry in its tokens and challenges. */
export const registryService = 'helm-registry';

/** Seconds for which a registry token is valid. */
export const registryTokenSeconds = 300;

/** Seconds by which the clocks of two processes may differ. */
const clockToleranceSeconds = 5;

const signingAlgorithm = 'HS256';
/** Media type in the header, so that no other JWT is taken for a registry token (RFC 8725 section 3.11). */
const tokenHeaderType = 'helm-registry-token+jwt';
/** Subject of a token for anonymous callers; principals have UUIDs. */
const anonymousSubject = 'anonymous';

const payloadSchema = z.object({
  sub: z.union([z.literal(anonymousSubject), z.uuid()]),
  token: z.string().optional(),
  proof: z.string().optional(),
  scopes: z.array(z.object({ repository: z.string(), actions: z.array(z.enum(repositoryActions)) })),
  catalog: z.literal(true).optional(),
});

/** Options of registry tokens. */
export interface RegistryTokenOptions {
  /** Name of the registry, by which it knows its own tokens: their issuer and their audience. */
  service: string;
  /** Clock in milliseconds; default: the system's. */
  now?: () => number;
}

/** Whether a text claims to be a registry token, and not another JWT. */
export function isRegistryToken(text: string): boolean {
  try {
    return decodeProtectedHeader(text).typ === tokenHeaderType;
  } catch {
    return false;
  }
}

/** Creates the issuer and reader of registry tokens: compact JWS with HMAC-SHA-256. */
export function createRegistryTokens(
  keys: KeyRing,
  { service, now = Date.now }: RegistryTokenOptions,
): RegistryTokens {
  const findKey: JWTVerifyGetKey = async ({ kid }) => {
    const subkey = kid === undefined ? undefined : await keys.find('registry tokens', kid);
    if (!subkey) throw new errors.JWKSNoMatchingKey();
    return subkey.key;
  };

  return {
    async issue({ principalId = anonymousSubject, tokenId, proof, scopes, catalog }) {
      const { id, key } = keys.newest('registry tokens');
      const issuedAt = Math.floor(now() / 1000);
      const payload = {
        scopes,
        ...(tokenId === undefined ? {} : { token: tokenId }),
        ...(proof === undefined ? {} : { proof }),
        ...(catalog ? { catalog } : {}),
      };
      const text = await new SignJWT(payload)
        .setProtectedHeader({ alg: signingAlgorithm, typ: tokenHeaderType, kid: id })
        .setIssuer(service)
        .setAudience(service)
        .setSubject(principalId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + registryTokenSeconds)
        .sign(key);
      return { text, issuedAt: new Date(issuedAt * 1000), expiresInSeconds: registryTokenSeconds };
    },
    async read(text) {
      try {
        const { payload } = await jwtVerify(text, findKey, {
          algorithms: [signingAlgorithm],
          typ: tokenHeaderType,
          issuer: service,
          audience: service,
          requiredClaims: ['sub', 'iat', 'exp'],
          maxTokenAge: registryTokenSeconds,
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(now()),
        });
        return parseClaims(payload);
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

function parseClaims(payload: unknown): RegistryTokenClaims | undefined {
  const { data } = payloadSchema.safeParse(payload);
  if (!data) return undefined;
  const { sub, token, proof, scopes, catalog } = data;
  return {
    ...(sub === anonymousSubject ? {} : { principalId: sub }),
    ...(token === undefined ? {} : { tokenId: token }),
    ...(proof === undefined ? {} : { proof }),
    scopes,
    ...(catalog ? { catalog } : {}),
  };
}
