import { nameList } from '../../api/schemas.ts';
import { digestOf } from '../../core/blobs/content.ts';

/** Digests of versions by `space/chart/version`. */
export type Digests = ReadonlyMap<string, string>;

const page = 50;

/** Lists all versions over HTTP, page by page, and downloads them. Each request goes to the next API. */
export async function readBack(urls: readonly string[]): Promise<{ found: Digests; problems: string[] }> {
  const found = new Map<string, string>();
  const problems: string[] = [];
  let turn = 0;

  async function get(path: string): Promise<Buffer> {
    const response = await fetch((urls[turn++ % urls.length] ?? '') + path);
    if (response.status !== 200) problems.push(`${path}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }

  async function list(path: string): Promise<string[]> {
    const names: string[] = [];
    for (;;) {
      const text = (await get(`${path}?start=${names.length}&limit=${page}`)).toString();
      const { metadata, items } = nameList.parse(JSON.parse(text));
      names.push(...items);
      if (items.length > 0 && names.length < metadata.total) continue;
      if (names.length !== metadata.total) problems.push(`${path}: ${names.length} of ${metadata.total}`);
      return names;
    }
  }

  for (const space of await list('/api/v1/spaces')) {
    for (const chart of await list(`/api/v1/spaces/${space}/charts`)) {
      const path = `/api/v1/spaces/${space}/charts/${chart}/versions`;
      for (const version of await list(path)) {
        const key = `${space}/${chart}/${version}`;
        if (found.has(key)) problems.push(`${key} is listed twice`);
        found.set(key, digestOf(await get(`${path}/${version}`)));
      }
    }
  }
  return { found, problems };
}
