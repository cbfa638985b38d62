import { EventEmitter } from 'node:events';
import type { WaitingClient } from './fair-limiter.ts';

/** Clients that wait for one piece of work. They count as one client, which disconnects when the last of them does. */
export interface SharedClient extends WaitingClient {
  /** Adds a client; undefined stands for one that never disconnects. */
  add(client: WaitingClient | undefined): void;
  /** Ends the waiting: events of clients are no longer listened to. */
  end(): void;
}

/** Creates the client of work that nobody waits for yet. */
export function createSharedClient(): SharedClient {
  const events = new EventEmitter();
  /** Listeners of the clients that are there. */
  const present = new Map<WaitingClient, () => void>();
  let isKept = false;
  let isEnded = false;

  function isLeft(): boolean {
    return !isKept && present.size === 0;
  }

  return {
    get destroyed() {
      return isLeft();
    },
    once: (event, listener) => events.once(event, listener),
    off: (event, listener) => events.off(event, listener),
    add(client) {
      if (!client) isKept = true;
      if (!client || client.destroyed || isEnded || present.has(client)) return;
      const leave = () => {
        present.delete(client);
        if (isLeft()) events.emit('close');
      };
      present.set(client, leave);
      client.once('close', leave);
    },
    end() {
      isEnded = true;
      for (const [client, leave] of present) client.off('close', leave);
      present.clear();
    },
  };
}
