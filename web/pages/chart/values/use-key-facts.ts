import type { FullVersionDetails, ValueOrigin } from '@helm-registry/client';
import { fileQuery, filesQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { cutLines } from '../../../parts/code/text-lines.ts';
import { findSchemaFacts, type KeyFacts } from '../../../parts/values/find-schema-facts.ts';
import { originPath } from '../../../parts/values/origins.ts';
import { commentAt, readParameterComments } from '../../../parts/values/read-comments.ts';
import { splitPointer } from '../../../parts/values/values-tree.ts';
import { findSchema } from './find-schema.ts';

/** Facts about a key from the schema, and its description from there or from comments. */
export interface DescribedKey {
  facts: KeyFacts | undefined;
  description: string | undefined;
}

/** Loads what describes a key. A key has the schema of the chart that reads it, and the file that sets it. */
export function useKeyFacts(
  details: FullVersionDetails,
  pointer: string | undefined,
  origin: ValueOrigin | undefined,
): DescribedKey {
  const { space, chart, version, dependencies } = details;
  const at = { space, chart, version };
  const files = useData(filesQuery, pointer === undefined ? undefined : at);
  const found = findSchema(pointer ?? '', files.value?.items ?? [], dependencies);
  const schema = useData(fileQuery, found && { ...at, path: found.path });
  const source = useData(fileQuery, origin && { ...at, path: originPath(origin) });
  const facts =
    found && !schema.isOld ? findSchemaFacts(parseSchema(schema.value), found.pointer) : undefined;
  if (facts?.description || pointer === undefined || origin === undefined || source.isOld) {
    return { facts, description: facts?.description };
  }
  const { lines } = cutLines(source.value ?? '');
  const described = readParameterComments(lines).get(pathInFile(pointer, origin));
  const comment =
    origin.pointer === pointer && origin.line !== undefined ? commentAt(lines, origin.line) : undefined;
  return { facts, description: described ?? comment };
}

/** Path of a key in the file that sets it, where it may have another one than among all values. */
function pathInFile(pointer: string, origin: ValueOrigin): string {
  const own = origin.at + pointer.slice(origin.pointer.length);
  return splitPointer(own).join('.');
}

function parseSchema(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
