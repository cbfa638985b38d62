import { CommandError } from '../../command-error.ts';
import type { BasicCredentials } from '../../contexts/basic.ts';
import { exitCodes } from '../../exit-codes.ts';
import { repeatRequest, throwAttemptFault, urlWithoutQuery } from '../repeat-request.ts';
import { answerChallenge } from './answer-challenge.ts';

/** Request of a connection. The body is in memory, so that it can be sent again. */
export interface OciRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
  /** Repository for which a token is requested, and what it must allow. */
  scope?: string;
}

/** Answer with its body. */
export interface OciAnswer {
  status: number;
  headers: Headers;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Connection to an OCI registry. */
export interface OciConnection {
  /** URL of the registry, without a path. */
  base: URL;
  /**
   * Sends a request, again after failures that pass, with the credentials that the registry asks for.
   * @throws {CommandError} for every answer but 2xx and 404
   */
  send(path: string, request?: OciRequest): Promise<OciAnswer>;
}

/** Options of a connection. */
export interface OciConnectionOptions {
  base: URL;
  /** Credentials: a name with a password, or a token. */
  basic?: BasicCredentials | undefined;
  token?: string | undefined;
  signal: AbortSignal;
}

/** Opens a connection. Nothing is sent before the first request. */
export function openOciConnection({ base, basic, token, signal }: OciConnectionOptions): OciConnection {
  /** Header of each scope, as the registry has asked for it. */
  const authorizations = new Map<string, string>();

  async function attempt(
    url: URL,
    { scope = '', method = 'GET', headers, body }: OciRequest,
    attemptSignal: AbortSignal,
  ) {
    const own = url.origin === base.origin ? authorizations.get(scope) : undefined;
    return fetch(url, {
      ...{
        method,
        signal: attemptSignal,
        headers: { ...headers, ...(own === undefined ? {} : { authorization: own }) },
      },
      ...(body ? { body } : {}),
    });
  }

  return {
    base,
    async send(path, request = {}) {
      const url = new URL(path, base);
      const { scope = '' } = request;
      return repeatRequest(url, signal, async (own) => {
        let response = await attempt(url, request, own);
        if (response.status === 401) {
          await response.body?.cancel();
          const challenge = response.headers.get('www-authenticate') ?? '';
          authorizations.set(scope, await answerChallenge(challenge, { base, basic, token }, scope, own));
          response = await attempt(url, request, own);
        }
        const bytes = new Uint8Array(await response.arrayBuffer());
        const { status, headers } = response;
        if (response.ok || status === 404) return { status, headers, bytes };
        return throwAttemptFault(response, statusError(url, status, bytes));
      });
    },
  };
}

/** Reads the message of an error of a registry; empty where there is none. */
export function readMessage(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 4_096));
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
}

function statusError(url: URL, status: number, bytes: Uint8Array): CommandError {
  const message = readMessage(bytes);
  const isAccess = status === 401 || status === 403;
  const exitCode = isAccess ? exitCodes.access : status === 409 ? exitCodes.conflict : exitCodes.failed;
  return new CommandError(
    `${urlWithoutQuery(url)} answered ${status}${message === '' ? '' : `: ${message}`}`,
    exitCode,
  );
}
