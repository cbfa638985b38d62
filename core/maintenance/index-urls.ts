import type { Readable } from 'node:stream';
import { z } from 'zod';
import { createYamlBudget, parseYamlMap } from '../yaml/yaml.ts';

/** Largest index that is read, in bytes; the largest public ones have 20 MB. */
const maxIndexBytes = 64 * 1024 * 1024;

const indexShape = z.looseObject({
  entries: z.record(
    z.string(),
    z.array(z.looseObject({ digest: z.string().optional(), urls: z.array(z.string()).optional() })),
  ),
});

/**
 * Reads the URLs of archives from a chart repository's `index.yaml` (Helm's `repo.IndexFile`).
 * @param base that relative URLs in the index refer to
 * @returns URLs by `sha256:` digest; none for an unreadable index
 */
export async function readIndexUrls(body: Readable, base: string): Promise<Map<string, string[]>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxIndexBytes) return new Map();
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
    return parseYamlMap(text, { file: 'index.yaml', code: 'request.invalid', budget: createYamlBudget() });
  }
}
