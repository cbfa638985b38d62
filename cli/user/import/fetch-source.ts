import { CommandError } from '../command-error.ts';
import { type BasicCredentials, basicHeader } from '../contexts/basic.ts';
import { exitCodes } from '../exit-codes.ts';
import { repeatRequest, throwAttemptFault, urlWithoutQuery } from './repeat-request.ts';

/** Requests to a source, with credentials for its own scheme, host and port alone. */
export interface SourceFetch {
  /**
   * Requests a file, again after failures that pass.
   * @param read reads the whole body; called again when it was cut
   * @returns undefined where the source does not have it
   * @throws {CommandError} for every other answer
   */
  get<T>(url: URL, signal: AbortSignal, read: (response: Response) => Promise<T>): Promise<T | undefined>;
}

/** Creates the requests to a source. @param base URL whose scheme, host and port get the credentials */
export function createSourceFetch(base: URL, basic: BasicCredentials | undefined): SourceFetch {
  const authorization = basic && basicHeader(basic);
  return {
    get: (url, signal, read) =>
      repeatRequest(url, signal, async (own) => {
        const headers = url.origin === base.origin && authorization ? { authorization } : undefined;
        // fetch takes the header away when it is redirected to another host.
        const response = await fetch(url, { signal: own, ...(headers ? { headers } : {}) });
        if (response.ok) return read(response);
        await response.body?.cancel();
        if (response.status === 404 || response.status === 410) return undefined;
        return throwAttemptFault(response, statusError(url, response.status));
      }),
  };
}

function statusError(url: URL, status: number): CommandError {
  if (status === 401 || status === 403)
    return new CommandError(
      `${urlWithoutQuery(url)} answered ${status}: give --user NAME with the password on standard input`,
      exitCodes.access,
    );
  return new CommandError(`${urlWithoutQuery(url)} answered ${status}`);
}
