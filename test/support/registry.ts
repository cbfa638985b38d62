import { inject } from 'vitest';
import type { Config } from '../../core/config/settings.ts';
import type { Database } from '../../core/db/port.ts';
import type { TestClient } from './client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: 'embedded' | 'compose';
  }
}

/** Running registry, embedded or as a stack: real PostgreSQL, real queue, real HTTP. */
export interface TestRegistry extends TestClient {
  /** Address of the first API process. */
  url: string;
  /** Addresses of all API processes. */
  urls: readonly string[];
  /** Headers of an admin for requests that the client does not send; none in a registry with open access. */
  headers: Record<string, string>;
  /** Name and password of the admin for programs; absent in a registry with open access. */
  login?: { user: string; password: string };
  /** Connection to the database, for state that no route shows. */
  db: Database;
  /** Lists the names of the blobs in the store; each name ends in the digest. */
  blobs(): Promise<string[]>;
  /** Lists the draft files of uploads. */
  drafts(): Promise<string[]>;
  /** Measures the resident bytes of each API process. */
  memory(): Promise<number[]>;
  startWorker(): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

/** Parts of a registry to start. */
export interface RegistryOptions {
  /** False starts no worker; default true. */
  worker?: boolean;
  /** Workers of a stack, where tests race several; default 1. An embedded registry has one in any case. */
  workers?: number;
  /** True where the worker of an embedded registry shall look for due work ten times as often as one in use. */
  looksOften?: boolean;
}

/**
 * Starts an empty registry, with a worker unless `worker` is false. The run decides on what: all in this process, or as
 * the processes and on the servers of docker-compose.yml, where access is guarded and the client is an admin.
 */
export async function startRegistry(
  overrides: Partial<Config> = {},
  options: RegistryOptions = {},
): Promise<TestRegistry> {
  // Import on use: the embedded registry loads the whole program, which the stack does not need in this process.
  if (inject('stack') === 'embedded') {
    const { startEmbedded } = await import('./embedded.ts');
    return startEmbedded(overrides, options);
  }
  const { startComposed } = await import('./compose/registry.ts');
  return startComposed(overrides, options);
}
