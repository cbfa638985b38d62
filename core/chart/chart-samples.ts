import { Readable } from 'node:stream';
import { packArchive } from './archive-write.ts';

/** Text files by path, for tests. */
export type Texts = Record<string, string | Buffer>;

/** A packed chart of the given files; Chart.yaml is made where it is not among them. */
export async function packTexts(texts: Texts, name = 'root'): Promise<Buffer> {
  const all: Texts = { 'Chart.yaml': manifestOf(name), ...texts };
  return packArchive(
    name,
    Object.entries(all).map(([path, text]): [string, Buffer] => [path, Buffer.from(text)]),
  );
}

/** The least that Chart.yaml must say. */
export function manifestOf(name: string, more = ''): string {
  return `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;
}

/** Bytes as the stream that readers take. */
export function streamOf(bytes: Buffer): Readable {
  return Readable.from([bytes]);
}
