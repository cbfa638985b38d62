import { encodeQuery, type Query, readBaseUrl } from './address.ts';
import { createSendOnce, type ReadResponse } from './attempt.ts';
import type { Call } from './call.ts';
import type { ClientOptions } from './options.ts';
import { foreignResponseError } from './response-error.ts';
import { delayBeforeRetry, sleep } from './retries.ts';

/** Sender of all requests of a client. Every method throws `RegistryError`, or the reason of the call's signal. */
export interface Transport {
  /** Makes the address of a path, for links and images. */
  urlOf(path: string, query?: Query): string;
  /** Sends a request, again where it failed and that is safe, and reads its response. */
  send<Result>(call: Call, read: ReadResponse<Result>): Promise<Result>;
  /** Sends a request that is answered with JSON. */
  json<Result>(call: Call): Promise<Result>;
  /** Sends a request whose success has no body. */
  done(call: Call): Promise<void>;
}

/** Times that a failed call is repeated if neither client nor call say otherwise. */
const defaultRetries = 2;

/** Creates the transport of a client. @throws {TypeError} for options that are not right */
export function createTransport(options: ClientOptions): Transport {
  const base = readBaseUrl(options.url);
  const attempt = createSendOnce(options);
  const urlOf = (path: string, query?: Query) => `${base}${path}${encodeQuery(query)}`;

  const send = async <Result>(call: Call, read: ReadResponse<Result>): Promise<Result> => {
    const retries = call.retries ?? options.retries ?? defaultRetries;
    const url = urlOf(call.path, call.query);
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await attempt(url, call, read);
      } catch (error) {
        const delay = repeats < retries ? delayBeforeRetry(call, error, repeats) : undefined;
        if (delay === undefined) throw error;
        await sleep(delay, call.signal);
      }
    }
  };

  return {
    urlOf,
    send,
    json: <Result>(call: Call) => send<Result>(call, readJson),
    done: (call) => send(call, async (response) => response.body?.cancel()),
  };
}

/** Parses the body of a response. @throws {RegistryError} `response.foreign` */
export async function readJson<Result>(response: Response): Promise<Result> {
  const text = await response.text();
  try {
    const parsed: Result = JSON.parse(text);
    return parsed;
  } catch (error) {
    throw foreignResponseError(response, text, error);
  }
}
