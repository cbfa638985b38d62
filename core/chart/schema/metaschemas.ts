import type { JsonObject } from '../../yaml/json.ts';
import { draft04 } from './metaschemas/draft-04.ts';
import { draft06 } from './metaschemas/draft-06.ts';
import { draft07 } from './metaschemas/draft-07.ts';
import { draft201909 } from './metaschemas/draft-2019-09.ts';
import { draft202012 } from './metaschemas/draft-2020-12.ts';

const metaschemaByUrl = new Map(
  Object.entries({ ...draft04, ...draft06, ...draft07, ...draft201909, ...draft202012 }),
);

/** Finds a document of json-schema.org by its URL without fragment. The documents are part of the program. */
export function findMetaschema(url: string): JsonObject | undefined {
  const path = /^https?:\/\/json-schema\.org\/(.*)$/.exec(url)?.[1];
  return path === undefined
    ? undefined
    : metaschemaByUrl.get(path === 'schema' ? 'draft/2020-12/schema' : path);
}
