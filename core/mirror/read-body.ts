import type { Readable } from 'node:stream';

/** Reads a body into memory. @returns undefined once it has more than `limit` bytes */
export async function readUpstreamBody(body: Readable, limit: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > limit) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
