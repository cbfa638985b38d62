import { createList, type List } from '../lists/list.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { SpaceDetails, SpaceFilter, SpaceSettings } from '../types/charts.ts';

/** Spaces of the registry. */
export interface SpacesClient {
  /** Spaces that the caller may read, with their counts. */
  list(filter?: SpaceFilter, options?: CallOptions): List<SpaceDetails>;
  /** Bare names of spaces, ascending. */
  names(options?: CallOptions): List<string>;
  /** Creates a space. @throws {RegistryError} `space.exists` and others */
  create(
    name: string,
    settings?: SpaceSettings,
    options?: CallOptions,
  ): Promise<{ name: string; link: string }>;
}

/** Creates the client of spaces. */
export function createSpaces(transport: Transport): SpacesClient {
  const path = '/api/v1/spaces';
  return {
    list: (filter, options) =>
      createList(transport, { ...options, path: '/api/v1/details', query: { ...filter } }),
    names: (options) => createList(transport, { ...options, path }),
    create: (name, settings, options) =>
      transport.json({ ...options, method: 'POST', path, query: { space: name, ...settings } }),
  };
}
