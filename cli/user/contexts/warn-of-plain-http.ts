import type { Session } from '../session/session.ts';
import { isProtectedUrl } from './parse-registry-url.ts';

/** Warns before credentials are sent over a network in clear. */
export function warnOfPlainHttp(session: Pick<Session, 'note'>, url: string): void {
  if (!isProtectedUrl(url)) session.note(`warning: credentials go to ${url} without encryption`);
}
