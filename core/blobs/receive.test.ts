import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveContent } from './receive.ts';

const mebibyte = 1024 * 1024;

describe('receiveContent', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'helm-registry-receive-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['nothing', 0, 0],
    ['a small one in memory', 1000, 0],
    ['one of exactly 256 KiB in memory', mebibyte / 4, 0],
    ['a larger one in a file', mebibyte / 4 + 1, 1],
  ])('receives %s, readable more than once', async (_, size, files) => {
    const bytes = randomBytes(size);
    const chunks = [bytes.subarray(0, size >> 1), bytes.subarray(size >> 1)];
    const content = await receiveContent(Readable.from(chunks, { objectMode: false }), 10 * mebibyte, folder);
    expect(content.size).toBe(size);
    expect(content.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    expect(await readdir(folder)).toHaveLength(files);
    expect((await buffer(content.open())).equals(bytes)).toBe(true);
    expect((await buffer(content.open())).equals(bytes)).toBe(true);
    await content.discard();
    await content.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  it('stops receiving at the limit, and leaves the source open and no file', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    await expect(receiveContent(endless, 3 * mebibyte, folder)).rejects.toMatchObject({
      code: 'upload.tooLarge',
      status: 413,
    });
    expect(endless.destroyed).toBe(false);
    endless.destroy();
    expect(await readdir(folder)).toEqual([]);
  });

  it('receives an upload of exactly the limit', async () => {
    const content = await receiveContent(Readable.from([Buffer.alloc(10)]), 10, folder);
    expect(content.size).toBe(10);
  });

  it('leaves no file of an upload that is aborted', async () => {
    const source = new PassThrough();
    const received = receiveContent(source, 10 * mebibyte, folder);
    source.write(Buffer.alloc(2 * mebibyte));
    await expect.poll(() => readdir(folder)).toHaveLength(1);
    source.destroy(new Error('the client went away'));
    await expect(received).rejects.toThrow('the client went away');
    expect(await readdir(folder)).toEqual([]);
  });
});
