import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Listener, Subscriber } from './port.ts';

/** Options of a listener. */
export interface ListenerOptions {
  url: string;
  applicationName: string;
  /** Called each time the connection is lost or refused; the listener reconnects by itself. */
  onError: (error: Error) => void;
}

const firstWaitMs = 50;
const maxWaitMs = 5_000;

/**
 * Creates a listener for PostgreSQL notifications. It stays connected until it is closed.
 * @throws when the first connection fails
 */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const subscribers = new Map<string, Set<Subscriber>>();
  const closing = new AbortController();
  let client: pg.Client | undefined;
  let reconnecting: Promise<void> | undefined;

  const notify = (channel: string, payload: string | undefined) =>
    notifyAll(subscribers.get(channel) ?? [], payload, options.onError);

  const connect = async (): Promise<void> => {
    const connecting = createClient(options);
    connecting.once('end', () => {
      if (client === connecting) onConnectionLost();
    });
    connecting.on('notification', ({ channel, payload }) => notify(channel, payload ?? ''));
    await connectAndListen(connecting, subscribers.keys());
    client = connecting;
  };

  const onConnectionLost = () => {
    client = undefined;
    if (closing.signal.aborted) return;
    options.onError(new Error('the connection that listens for notifications was lost'));
    reconnecting = reconnect();
  };

  const reconnect = async (): Promise<void> => {
    if (!(await retryConnect(connect, closing.signal, options.onError))) return;
    for (const channel of subscribers.keys()) notify(channel, undefined);
  };

  await connect();

  return {
    async subscribe(channel, subscriber) {
      const known = subscribers.get(channel);
      const set = known ?? new Set<Subscriber>();
      set.add(subscriber);
      subscribers.set(channel, set);
      // A second LISTEN changes nothing, and waits for an earlier one that is still unanswered.
      if (client) await listen(client, channel).catch(options.onError);
      return () => {
        set.delete(subscriber);
        if (set.size > 0 || subscribers.get(channel) !== set) return;
        subscribers.delete(channel);
        client?.query(`UNLISTEN ${pg.escapeIdentifier(channel)}`).catch((error: Error) => {
          if (!closing.signal.aborted) options.onError(error);
        });
      };
    },
    async close() {
      closing.abort();
      await reconnecting;
      const last = client;
      client = undefined;
      await last?.end();
    },
  };
}

function notifyAll(
  subscribers: Iterable<Subscriber>,
  payload: string | undefined,
  onError: (error: Error) => void,
): void {
  for (const subscriber of [...subscribers]) {
    try {
      subscriber(payload);
    } catch (error) {
      // A failing subscriber must not keep the others from their notification.
      onError(toError(error));
    }
  }
}

/** Calls `connect` with growing pauses until it succeeds or `signal` aborts. @returns whether it has succeeded */
async function retryConnect(
  connect: () => Promise<void>,
  signal: AbortSignal,
  onError: (error: Error) => void,
): Promise<boolean> {
  for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
    try {
      await connect();
      return true;
    } catch (error) {
      onError(toError(error));
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}

/** Creates a client, which emits `end` for every connection that is over, with or without an error. */
function createClient({ url, applicationName, onError }: ListenerOptions): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', onError);
  return client;
}

/** Connects a client and listens to all channels; closes the client when that fails. */
async function connectAndListen(client: pg.Client, channels: Iterable<string>): Promise<void> {
  try {
    await client.connect();
    for (const channel of channels) await listen(client, channel);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function listen(client: pg.Client, channel: string): Promise<void> {
  await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
}

function toError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
