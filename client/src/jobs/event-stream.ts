import { clientCodes, RegistryError } from '../errors.ts';
import type { Call } from '../transport/call.ts';
import { createDeadline } from '../transport/deadline.ts';
import { foreignResponseError } from '../transport/response-error.ts';
import type { Transport } from '../transport/transport.ts';
import { readServerEvents, type ServerEvent } from './sse.ts';

/** Milliseconds of silence after which a connection counts as dead; the registry sends a comment every 15 s. */
const maxSilenceMs = 45_000;

/** Milliseconds within which a new stream must bring something; a proxy that holds it back brings nothing. */
const firstDataTimeoutMs = 10_000;

/**
 * Reads the server-sent events of one connection, until it ends or breaks off.
 * @param lastEventId id of the last event that was read, from which the stream resumes
 * @throws {RegistryError} `response.foreign` for what is not a stream of events
 */
export async function* streamEvents(
  transport: Transport,
  call: Call,
  lastEventId: string,
): AsyncGenerator<ServerEvent, void> {
  const silence = new AbortController();
  const { signal } = call;
  const connection = createDeadline(Number.POSITIVE_INFINITY, [signal, silence.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expectWithin = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), ms);
  };
  const headers = {
    Accept: 'text/event-stream',
    ...(lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }),
  };
  expectWithin(lastEventId === '' ? firstDataTimeoutMs : maxSilenceMs);
  try {
    const streamCall = { ...call, headers, signal: connection.signal, retries: 0 };
    const body = await transport.send(streamCall, requireEventStream);
    yield* readServerEvents(body, () => expectWithin(maxSilenceMs));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RegistryError) throw error;
    const problem = silence.signal.aborted
      ? { code: clientCodes.timeout, message: 'The stream of events brings nothing.' }
      : { code: clientCodes.connection, message: 'The stream of events broke off.' };
    throw new RegistryError(problem, { status: 0 }, error);
  } finally {
    clearTimeout(timer);
    connection.dispose();
  }
}

async function requireEventStream(response: Response): Promise<ReadableStream<Uint8Array>> {
  const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
  if (isStream && response.body) return response.body;
  throw foreignResponseError(response, await response.text());
}
