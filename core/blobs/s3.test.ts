import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { Client } from 'minio';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeBlobStore } from '../../test/suites/blobs.ts';
import {
  hasMinio,
  hasVersitygw,
  startMinio,
  startVersitygw,
  type TestObjectStore,
} from '../../test/support/servers/object-store.ts';
import { contentOf, digestOf } from './content.ts';
import { prepareBucket } from './s3/bucket.ts';
import { S3Fault } from './s3/fault.ts';
import type { S3Options, S3Timeouts } from './s3/options.ts';
import { createS3Blobs } from './s3.ts';

function optionsOf(server: TestObjectStore, overrides: Partial<S3Options> = {}): S3Options {
  const { endpoint, accessKey, secretKey } = server;
  return {
    endpoint,
    accessKey,
    secretKey,
    bucket: 'charts',
    region: 'us-east-1',
    pathStyle: true,
    ...overrides,
  };
}

/** Lists the names of all objects and of unfinished uploads. */
async function listAll(server: TestObjectStore): Promise<string[]> {
  const { hostname, port } = new URL(server.endpoint);
  const { accessKey, secretKey } = server;
  const client = new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey });
  const names: string[] = [];
  for await (const { name } of client.listObjectsV2('charts', '', true)) names.push(String(name));
  for await (const { key } of client.listIncompleteUploads('charts', '', true)) names.push(String(key));
  return names.sort();
}

const servers = [
  { name: 'MinIO', exists: hasMinio, start: startMinio },
  { name: 'versitygw', exists: hasVersitygw, start: startVersitygw },
];

for (const { name, exists, start } of servers) {
  describe.skipIf(!exists())(`with ${name} on the PATH`, () => {
    describeBlobStore(name, async () => {
      const server = await start();
      await prepareBucket(optionsOf(server), true);
      return {
        store: createS3Blobs(optionsOf(server)),
        list: () => listAll(server),
        dispose: () => server.dispose(),
      };
    });

    describe(`blobs on ${name}`, () => {
      let server: TestObjectStore;
      const content = contentOf(randomBytes(200_000));

      beforeAll(async () => {
        server = await start();
      });
      afterAll(() => server.dispose());

      it('makes the bucket once for concurrent processes', async () => {
        await expect(prepareBucket(optionsOf(server), false)).rejects.toMatchObject({ code: 'NoSuchBucket' });
        const made = await Promise.all([1, 2, 3].map(() => prepareBucket(optionsOf(server), true)));
        expect(made.filter((isMade) => isMade).length).toBeGreaterThan(0);
        expect(await prepareBucket(optionsOf(server), true)).toBe(false);
        expect(await prepareBucket(optionsOf(server), false)).toBe(false);
      });

      it('tells a missing bucket from a missing blob', async () => {
        const store = createS3Blobs(optionsOf(server, { bucket: 'nowhere' }));
        onTestFinished(() => store.close());
        const missing = { status: 404 };
        await expect(store.open(content.digest)).rejects.toMatchObject(missing);
        await expect(store.stat(content.digest)).rejects.toMatchObject(missing);
        await expect(store.delete(content.digest)).rejects.toMatchObject(missing);
        await expect(store.put(content)).rejects.toMatchObject(missing);
        await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toMatchObject(missing);
        await expect(store.ping()).rejects.toMatchObject(missing);
      });

      it('tells refused credentials from a missing blob', async () => {
        for (const wrong of [{ accessKey: 'nobody' }, { secretKey: 'wrong-secret' }]) {
          const store = createS3Blobs(optionsOf(server, wrong));
          const refused = {
            code: expect.stringMatching(/^(InvalidAccessKeyId|XAdminUserNotFound|SignatureDoes.*)$/),
          };
          await expect(store.open(content.digest)).rejects.toMatchObject(refused);
          await expect(store.put(content)).rejects.toMatchObject(refused);
          await expect(store.stat(content.digest)).rejects.toThrow(S3Fault);
          await store.close();
        }
      });

      it('lists more blobs than one page of the bucket', { timeout: 60_000 }, async () => {
        const store = createS3Blobs(optionsOf(server));
        onTestFinished(() => store.close());
        const contents = Array.from({ length: 1_010 }, (_, index) => contentOf(Buffer.from(`blob ${index}`)));
        for (let at = 0; at < contents.length; at += 50) {
          await Promise.all(contents.slice(at, at + 50).map((content) => store.put(content)));
        }
        const listed = new Set<string>();
        for await (const { digest } of store.list()) listed.add(digest);
        for (const { digest } of contents) expect(listed).toContain(digest);
      });

      it('frees the connection of a download that is destroyed', async () => {
        const store = createS3Blobs(optionsOf(server));
        onTestFinished(() => store.close());
        const large = contentOf(randomBytes(8_000_000));
        await store.put(large);
        // Opens more downloads than there are connections: the last ones start only if the first were freed.
        for (let count = 0; count < 300; count++) {
          const stream = await store.open(large.digest);
          expect(stream).toBeDefined();
          stream?.destroy();
        }
      });

      it('reconnects to a bucket whose server was restarted', async () => {
        const store = createS3Blobs(optionsOf(server));
        onTestFinished(() => store.close());
        await store.put(content);
        await server.end('SIGTERM');
        await expect(store.stat(content.digest)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
        await server.start();
        expect(await store.stat(content.digest)).toEqual({ size: content.size });
      });

      it('fails within its timeouts while the store hangs, and works when it is back', async () => {
        const limits = { connect: 1_500, answer: 1_500, silence: 2_000 };
        const store = createS3Blobs(optionsOf(server, { limits }));
        // Store with default timeouts, for the preparation.
        const usual = createS3Blobs(optionsOf(server));
        const large = contentOf(randomBytes(30_000_000));
        await usual.put(large);
        const stream = await store.open(large.digest);
        server.pause();
        try {
          // Calls that run as the server stops may still be answered.
          const stat = () => store.stat(large.digest).catch((error: unknown) => error);
          await expect.poll(stat).toMatchObject({ code: 'ETIMEDOUT' });
          await expect(store.ping()).rejects.toMatchObject({ code: 'ETIMEDOUT' });
          await expect(store.put(contentOf(randomBytes(30_000_000)))).rejects.toThrow();
          await expect(stream?.toArray()).rejects.toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
        } finally {
          server.resume();
        }
        await expect
          .poll(() => store.stat(large.digest).catch(() => 'not yet'), { timeout: 30_000 })
          .toEqual({ size: large.size });
        await Promise.all([store.close(), usual.close()]);
      });

      it('makes links with file name, media type and expiry', async () => {
        const links = { endpoint: server.endpoint.replace('127.0.0.1', 'localhost'), lifetimeSeconds: 60 };
        const store = createS3Blobs(optionsOf(server, { links }));
        onTestFinished(() => store.close());
        await store.put(content);
        const as = { filename: 'web-1.0.0+a.tgz', contentType: 'application/gzip' };
        const link = await store.link?.(content.digest, as);
        expect(link).toMatch(/^http:\/\/localhost:.*X-Amz-Expires=60&/);
        const response = await fetch(String(link));
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe('application/gzip');
        expect(response.headers.get('content-disposition')).toBe('attachment; filename="web-1.0.0+a.tgz"');
        expect(digestOf(Buffer.from(await response.arrayBuffer()))).toBe(content.digest);
      });
    });
  });
}

/** Starts a server that answers every request alike, and a store on it. */
async function startStub(answer: RequestListener, limits: Partial<S3Timeouts> = {}) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const store = createS3Blobs({
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'charts',
    accessKey: 'key',
    secretKey: 'secret',
    region: 'us-east-1',
    pathStyle: true,
    limits,
  });
  return {
    store,
    async close() {
      await store.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('an object store in trouble', () => {
  const { digest } = contentOf(Buffer.from('never stored'));

  it('passes on code and status of a busy object store, and frees the connections', async () => {
    const { store, close } = await startStub((_, response) => {
      response.writeHead(503, { 'content-type': 'application/xml' });
      response.end(
        '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Not so fast.</Message></Error>',
      );
    });
    onTestFinished(() => close());
    // More calls than there are connections.
    for (let count = 0; count < 300; count++) {
      await expect(store.open(digest)).rejects.toMatchObject({ code: 'SlowDown', status: 503 });
    }
  });

  it('tells a server that is no object store from a missing blob', async () => {
    const { store, close } = await startStub((_, response) =>
      response.writeHead(404).end('<h1>Not here</h1>'),
    );
    onTestFinished(() => close());
    await expect(store.open(digest)).rejects.toMatchObject({ code: 'HTTP 404' });
    await expect(store.stat(digest)).rejects.toMatchObject({ code: 'HTTP 404' });
    await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'HTTP 404' });
  });

  it('fails a download that breaks off', async () => {
    const { store, close } = await startStub((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('only this', () => response.destroy());
    });
    onTestFinished(() => close());
    await expect(store.open(digest).then((stream) => stream?.toArray())).rejects.toMatchObject({
      code: 'UND_ERR_SOCKET',
    });
  });

  it('repeats a call whose idle connection the store closed', async () => {
    let requests = 0;
    const { store, close } = await startStub((request, response) => {
      requests++;
      if (requests === 2) request.socket.destroy();
      else request.resume().on('end', () => response.end());
    });
    onTestFinished(() => close());
    await store.ping();
    await store.put(contentOf(Buffer.from('put on a connection that is gone')));
    expect(requests).toBe(3);
  });

  it('fails within its timeout when stalled downloads have all connections', async () => {
    const { store, close } = await startStub(
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000000000' });
        response.write('the beginning');
      },
      { answer: 5_000, silence: 600_000 },
    );
    onTestFinished(() => close());
    const open = await Promise.all(Array.from({ length: 256 }, () => store.open(digest)));
    await expect(store.open(digest)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    open[0]?.destroy();
    // The call that timed out has not kept the connection.
    (await store.open(digest))?.destroy();
    for (const stream of open) stream?.destroy();
  });

  it('stops reading content for a store that does not read', async () => {
    const { store, close } = await startStub(() => undefined, { silence: 500 });
    onTestFinished(() => close());
    const piece = Buffer.alloc(64 * 1024);
    let produced = 0;
    const open = () =>
      new Readable({
        read() {
          produced += piece.length;
          this.push(piece);
        },
      });
    await expect(store.put({ digest, size: 500_000_000, open })).rejects.toMatchObject({
      code: 'UND_ERR_HEADERS_TIMEOUT',
    });
    // The difference is in buffers of the operating system.
    expect(produced).toBeLessThan(30_000_000);
  });
});
