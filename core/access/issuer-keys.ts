import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { RegistryError } from '../errors.ts';
import { isFetchableUrl } from './issuer-url.ts';
import type { ReadDocument } from './read-document.ts';

/** Returns the function by which the keys of an issuer are found; it reads them on first use. */
export type IssuerKeys = (issuer: string) => JWTVerifyGetKey;

/** Issuers whose keys one process remembers. */
const maxIssuers = 200;
/** Milliseconds until the next request to an issuer whose keys could not be read. */
const failureCoolDownMs = 10_000;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.string().refine(isFetchableUrl) });
const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/**
 * Creates the reader of issuers' keys. jose remembers keys for 10 minutes, and asks for an unknown key every 30 seconds
 * at most. An issuer that cannot be read is left alone for 10 seconds.
 */
export function createIssuerKeys(readDocument: ReadDocument): IssuerKeys {
  const issuers = new LRUCache<string, JWTVerifyGetKey>({ max: maxIssuers });
  return (issuer) => {
    const known = issuers.get(issuer);
    if (known) return known;
    const keys = createKeyLookup(issuer, readDocument);
    issuers.set(issuer, keys);
    return keys;
  };
}

function createKeyLookup(issuer: string, readDocument: ReadDocument): JWTVerifyGetKey {
  const discovery = createIssuerDocumentReader(readDocument, discoverySchema);
  const keySets = createIssuerDocumentReader(readDocument, keySetSchema);
  let discovered: Promise<JWTVerifyGetKey> | undefined;

  const discover = async () => {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { jwks_uri } = await discovery(address, (document) => document.issuer === issuer);
    return createRemoteJWKSet(new URL(jwks_uri), {
      [customFetch]: async (url) => Response.json(await keySets(url)),
    });
  };

  return async (header, token) => {
    const current = discovered ?? discover();
    discovered = current;
    const keys = await current.catch((error: unknown) => {
      if (discovered === current) discovered = undefined;
      throw error;
    });
    return keys(header, token);
  };
}

/** Creates the reader of one document of an issuer, which rests after a failure. */
function createIssuerDocumentReader<T>(readDocument: ReadDocument, schema: z.ZodType<T>) {
  let restUntil = 0;
  return async (address: string, isRight: (document: T) => boolean = () => true): Promise<T> => {
    if (performance.now() >= restUntil) {
      const read = await readDocument(address).then(schema.safeParse, () => undefined);
      if (read?.success && isRight(read.data)) return read.data;
      restUntil = performance.now() + failureCoolDownMs;
    }
    throw new RegistryError(
      'service.unavailable',
      'The keys of the issuer of this token cannot be read right now. Try again in a moment.',
    );
  };
}
