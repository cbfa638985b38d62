import { type Access, invalidCredentials } from './access.ts';
import { anonymousCaller, type Caller } from './principal.ts';
import { looksLikeToken, parseToken } from './tokens.ts';
import { looksLikeJwt } from './workloads.ts';

/** Credentials that a caller presents. */
export type PresentedCredentials =
  | { kind: 'none' }
  | { kind: 'bearer'; text: string }
  | { kind: 'basic'; user: string; password: string }
  /** Secret of a browser's cookie. */
  | { kind: 'session'; secret: string }
  | { kind: 'unreadable' };

/**
 * Tells who presents credentials.
 * A token is found in a Bearer header, and as the password of any user name, since Helm knows Basic only.
 * @throws {RegistryError} `access.unauthenticated` for credentials that are wrong, expired or revoked
 */
export async function identify(access: Access, presented: PresentedCredentials): Promise<Caller> {
  switch (presented.kind) {
    case 'none':
      return anonymousCaller;
    case 'unreadable':
      throw invalidCredentials();
    case 'bearer':
      return identifyText(access, presented.text);
    case 'basic':
      return identifyText(access, presented.password, presented.user);
    case 'session':
      return identifySession(access, presented.secret);
  }
}

async function identifySession(access: Access, secret: string): Promise<Caller> {
  const session = await access.findSession(secret, await access.readRevision());
  if (!session) throw invalidCredentials();
  return { kind: 'principal', principal: session.principal, credential: 'session' };
}

async function identifyWorkload(access: Access, text: string, account?: string): Promise<Caller> {
  const workload = await access.verifyWorkload(text, await access.readRevision(), account);
  if (!workload) throw invalidCredentials();
  return { kind: 'principal', principal: workload.principal, credential: 'workload' };
}

async function identifyText(access: Access, text: string, user?: string): Promise<Caller> {
  if (looksLikeJwt(text)) return identifyWorkload(access, text, user);
  if (!looksLikeToken(text)) throw invalidCredentials();
  const presented = parseToken(text);
  const token = presented && (await access.findToken(presented.id, await access.readRevision()));
  if (!token?.accepts(presented?.secret ?? '')) throw invalidCredentials({ tokenId: presented?.id });
  const { id, name, principal } = token;
  return { kind: 'principal', principal, credential: 'token', tokenId: id, tokenName: name };
}
