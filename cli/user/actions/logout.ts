import { usageError } from '../command-error.ts';
import type { Context } from '../contexts/context.ts';
import type { NamedContext } from '../contexts/context-store.ts';
import { openClient, type Session } from '../session/session.ts';

/**
 * Runs `helm-registry logout`: forgets the credentials of a context. Revokes the token too, if the log-in has made
 * it.
 */
export async function logout(session: Session, wanted: string | undefined): Promise<void> {
  const { contexts } = session;
  const context = wanted === undefined ? await contexts.current() : await contexts.read(wanted);
  if (!context) throw usageError('no context is in use: name one, as `helm-registry context list` shows it');
  await forgetCredentials(session, context);
  session.note(`logged out of ${context.url}`);
}

/** Takes the credentials out of a context. */
async function forgetCredentials(session: Session, { name, ...context }: NamedContext): Promise<void> {
  await revokeToken(session, context);
  await session.contexts.write(name, { url: context.url });
}

/** Revokes the token of a context if the log-in made it. What fails is noted: the token ends by itself some day. */
export async function revokeToken(session: Session, { url, token, tokenId }: Context): Promise<void> {
  if (token === undefined || tokenId === undefined) return;
  try {
    await openClient({ url, token }).tokens.revoke(tokenId, { signal: session.signal });
  } catch (error) {
    session.signal.throwIfAborted();
    session.note(
      `warning: token ${tokenId} could not be revoked: ${error instanceof Error ? error.message : error}`,
    );
  }
}
