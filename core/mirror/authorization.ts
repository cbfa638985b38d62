import type { MirrorCredentials } from './settings.ts';

/** Asks a token service. @param header for exactly the scheme, host and port of its URL */
export type AskTokenService = (url: URL, header: string | undefined) => Promise<Buffer>;

/** Headers by which the requests of an upstream are authorized: for exactly its scheme, host and port. */
export interface Authorization {
  /** Header for a scope; undefined for none. */
  headerFor(scope: string): string | undefined;
  /**
   * Answers the challenge of an upstream, so that `headerFor` has what it asks for.
   * @returns whether the request is to be sent again
   * @throws {UpstreamFault} where no token is to be had
   */
  answer(challenge: string, scope: string, ask: AskTokenService): Promise<boolean>;
}

/** Authorizes every request by the credentials, before the upstream asks, as chart repositories want it. */
export function authorizeByBasic(credentials: MirrorCredentials | undefined): Authorization {
  const header = credentials && basicHeader(credentials);
  return { headerFor: () => header, answer: async () => false };
}

/** Makes the header of credentials. */
export function basicHeader({ username, password }: MirrorCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
