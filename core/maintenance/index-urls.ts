import type { Readable } from 'node:stream';
import { z } from 'zod';
import { isRegistryError } from '../errors.ts';
import { parseYamlMap } from '../yaml/yaml.ts';
import { createYamlBudget } from '../yaml/yaml-source.ts';

/** Largest index that is read, in bytes; the largest public ones have 20 MB. */
const maxIndexBytes = 64 * 1024 * 1024;

const indexShape = z.looseObject({
  entries: z.record(
    z.string(),
    z.array(z.looseObject({ digest: z.string().optional(), urls: z.array(z.string()).optional() })),
  ),
});

/**
 * Reads where a chart repository's `index.yaml` says that archives are (Helm's `repo.IndexFile`).
 * @param base what its addresses are relative to
 * @returns addresses by `sha256:` digest; none where the text is not an index
 * @throws what the body fails with, and for an index that is longer than is read
 */
export async function readIndexUrls(body: Readable, base: string): Promise<Map<string, string[]>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxIndexBytes) throw new Error(`the index has more than ${maxIndexBytes} bytes`);
    chunks.push(bytes);
  }
  const index = indexShape.safeParse(parseIndex(Buffer.concat(chunks).toString('utf8')));
  const found = new Map<string, string[]>();
  for (const { digest, urls = [] } of Object.values(index.data?.entries ?? {}).flat()) {
    if (digest === undefined) continue;
    const key = `sha256:${digest.replace(/^sha256:/, '')}`;
    const addresses = urls.filter((url) => URL.canParse(url, base)).map((url) => new URL(url, base).href);
    found.set(key, [...(found.get(key) ?? []), ...addresses.filter((address) => /^https?:/.test(address))]);
  }
  return found;
}

function parseIndex(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseYaml(text);
  }
}

/** @returns undefined for what is not YAML: many a server has a page of its own for each address */
function parseYaml(text: string): unknown {
  try {
    return parseYamlMap(text, { file: 'index.yaml', code: 'request.invalid', budget: createYamlBudget() });
  } catch (error) {
    if (isRegistryError(error, 'request.invalid')) return undefined;
    throw error;
  }
}
