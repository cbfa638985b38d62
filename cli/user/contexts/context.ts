import { isObject, readTextValue } from './read-json.ts';

/** Registry that the user has logged in to, with its credentials. */
export interface Context {
  url: string;
  /** Token; absent for a registry that needs none. */
  token?: string;
  /** Id of the token, if the log-in made it and the log-out is to revoke it. */
  tokenId?: string;
  /** Name of the caller at the log-in. */
  user?: string;
}

/** Names a context may have; each is the name of a file too. */
const contextName = /^[A-Za-z0-9][\w.:-]{0,127}$/;

/** Whether a text can be the name of a context. */
export function isContextName(name: string): boolean {
  return contextName.test(name);
}

/** Parses the file of a context; undefined for what is none. */
export function parseContext(value: unknown): Context | undefined {
  if (!isObject(value)) return undefined;
  const url = readTextValue(value, 'url');
  if (url === undefined) return undefined;
  const token = readTextValue(value, 'token');
  const tokenId = readTextValue(value, 'tokenId');
  const user = readTextValue(value, 'user');
  return {
    url,
    ...(token === undefined ? {} : { token }),
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(user === undefined ? {} : { user }),
  };
}
