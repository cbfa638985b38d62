import type { Session } from '../session/session.ts';
import { isProtected } from './read-url.ts';

/** Warns before credentials are sent over a network in clear. */
export function warnOfPlainHttp(session: Pick<Session, 'note'>, url: string): void {
  if (!isProtected(url)) session.note(`warning: credentials go to ${url} without encryption`);
}
