import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Client that pushes charts on one open connection by the requests of `helm push`, with little work of its own. */
export interface PushClient {
  /**
   * Pushes an archive as a chart's version. @returns the digest of its manifest
   * @throws when a response has an unexpected status
   */
  push(
    repository: string,
    chart: string,
    version: string,
    archive: Buffer,
    createdAt?: Date,
  ): Promise<string>;
  close(): void;
}

interface Answer {
  status: number;
  /** Status line and headers. */
  head: string;
}

type Send = (method: string, path: string, expected: number, body?: Buffer, type?: string) => Promise<Answer>;

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configType = 'application/vnd.cncf.helm.config.v1+json';
const archiveType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

/** Connects to a registry. */
export function createPushClient(url: string): PushClient {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const receive = createReceiver(socket);

  const send: Send = async (method, path, expected, body, type) => {
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'User-Agent: Helm/4.2'];
    if (type !== undefined) lines.push(`Content-Type: ${type}`);
    if (method === 'GET' || method === 'HEAD') lines.push(`Accept: ${manifestType}`);
    else lines.push(`Content-Length: ${body?.length ?? 0}`);
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    socket.write(body ? Buffer.concat([head, body]) : head);
    const answer = await receive(method === 'HEAD');
    if (answer.status !== expected) throw new Error(`${method} ${path} was answered ${answer.head}`);
    return answer;
  };

  return {
    async push(repository, chart, version, archive, createdAt = new Date()) {
      const config = Buffer.from(JSON.stringify({ name: chart, version, apiVersion: 'v2' }));
      const manifest = makeManifest(config, archive, createdAt);
      const digest = digestOf(manifest);
      const byDigest = `/v2/${repository}/manifests/${digest}`;
      await send('HEAD', byDigest, 404);
      for (const blob of [config, archive]) await pushBlob(send, repository, blob);
      await send('PUT', byDigest, 201, manifest, manifestType);
      await send('GET', byDigest, 200);
      await send('PUT', `/v2/${repository}/manifests/${version}`, 201, manifest, manifestType);
      return digest;
    },
    close: () => socket.destroy(),
  };
}

async function pushBlob(send: Send, repository: string, blob: Buffer): Promise<void> {
  const digest = digestOf(blob);
  await send('HEAD', `/v2/${repository}/blobs/${digest}`, 404);
  const { head } = await send('POST', `/v2/${repository}/blobs/uploads/`, 202);
  const path = closePath(/^location: (\S+)/im.exec(head)?.[1] ?? '', digest);
  await send('PUT', path, 201, blob, 'application/octet-stream');
}

/** Makes the path that closes an upload session. Some registries name their host, and keep a state in the query. */
function closePath(location: string, digest: string): string {
  const { pathname, searchParams } = new URL(location, 'http://registry.test');
  searchParams.set('digest', digest);
  return `${pathname}?${searchParams}`;
}

function makeManifest(config: Buffer, archive: Buffer, createdAt: Date): Buffer {
  const describe = (mediaType: string, blob: Buffer) => ({
    mediaType,
    digest: digestOf(blob),
    size: blob.length,
  });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: describe(configType, config),
      layers: [describe(archiveType, archive)],
      annotations: { 'org.opencontainers.image.created': createdAt.toISOString() },
    }),
  );
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Makes a function that waits for the next response, whose length must be announced. */
function createReceiver(socket: Socket): (isHead: boolean) => Promise<Answer> {
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  let received = '';
  let skipsBody = false;
  socket.setEncoding('latin1');
  socket.on('error', (error) => waiting?.reject(error));
  socket.on('close', () => waiting?.reject(new Error('the registry has closed the connection')));
  socket.on('data', (text) => {
    received += String(text);
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = received.slice(0, end);
    const length = skipsBody ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (received.length < end + 4 + length) return;
    received = '';
    waiting?.resolve({ status: Number(head.slice(9, 12)), head });
  });
  return (isHead) =>
    new Promise((resolve, reject) => {
      skipsBody = isHead;
      waiting = { resolve, reject };
    });
}
