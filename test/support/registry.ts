import { inject } from 'vitest';
import type { Config } from '../../core/config/settings.ts';
import type { Database } from '../../core/db/port.ts';
import type { TestClient } from './client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: 'embedded' | 'compose';
  }
}

/** A registry that runs, whatever it runs on: real PostgreSQL, real queue, real HTTP. */
export interface TestRegistry extends TestClient {
  /** Of one of its APIs. */
  url: string;
  /** Of all of them. */
  urls: readonly string[];
  /** For what no route tells. */
  db: Database;
  /** Names of the blobs in the store, each of which ends in its digest. */
  blobs(): Promise<string[]>;
  /** Files of uploads in flight. */
  drafts(): Promise<string[]>;
  /** Resident bytes of each process that serves. */
  memory(): Promise<number[]>;
  startWorker(): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

export interface RegistryOptions {
  /** False starts none. */
  worker?: boolean;
}

/**
 * Starts an empty registry, with a worker unless it is left out, on what the run is about: all of it in this process, or
 * the processes and servers of docker-compose.yml.
 */
export async function startRegistry(
  overrides: Partial<Config> = {},
  options: RegistryOptions = {},
): Promise<TestRegistry> {
  // Loaded when it is used: the one brings the whole program into this process, which the other has no use for.
  if (inject('stack') === 'embedded') {
    const { startEmbedded } = await import('./embedded.ts');
    return startEmbedded(overrides, options);
  }
  const { startComposed } = await import('./compose/registry.ts');
  return startComposed(overrides, options);
}
