import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { packChart, type TestChart } from './charts.ts';

/** Entry of a host's index; `digest` and `url` default to those of the file. */
export interface HostedVersion {
  chart: string;
  version: string;
  archive: Buffer;
  provenance?: Buffer;
  created?: string;
  digest?: string | undefined;
  url?: string;
}

/** Answers a request instead of the host; false leaves it to the host. */
export type Fault = (path: string, response: ServerResponse, headers: IncomingHttpHeaders) => boolean;

/** Chart repository: a real server, with faults on request. */
export interface ChartHost {
  url: string;
  versions: HostedVersion[];
  /** Requests so far, `METHOD path`. */
  requests: { path: string; headers: IncomingHttpHeaders }[];
  /** Packs a chart and lists it. */
  add(chart: TestChart, more?: Partial<HostedVersion>): Promise<HostedVersion>;
  /** Sets what goes wrong from now on; undefined for nothing. */
  setFault(fault: Fault | undefined): void;
  close(): void;
}

/** Starts a chart repository at `/charts/`; it closes after the test unless `end` says otherwise. */
export async function startChartHost(end: (close: () => void) => void = onTestFinished): Promise<ChartHost> {
  const versions: HostedVersion[] = [];
  const requests: ChartHost['requests'] = [];
  let fault: Fault | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    if (fault?.(path, response, request.headers)) return;
    if (path === '/charts/index.yaml') return sendIndex(versions, request.headers, response);
    const found = versions.find(({ chart, version }) => path.startsWith(`/charts/${chart}-${version}.tgz`));
    const bytes = path.endsWith('.prov') ? found?.provenance : found?.archive;
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  end(close);
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/charts`,
    versions,
    requests,
    close,
    async add(chart, more = {}) {
      const archive = more.archive ?? (await packChart(chart));
      const hosted = { chart: chart.name, version: chart.version ?? '1.0.0', archive, ...more };
      versions.push(hosted);
      return hosted;
    },
    setFault(next) {
      fault = next;
    },
  };
}

function sendIndex(
  versions: readonly HostedVersion[],
  headers: IncomingHttpHeaders,
  response: ServerResponse,
): void {
  const charts = new Set(versions.map(({ chart }) => chart));
  const entries = Object.fromEntries(
    [...charts].map((chart) => [chart, versions.filter((one) => one.chart === chart).map(entryOf)]),
  );
  const text = JSON.stringify({ apiVersion: 'v1', entries });
  const etag = `"${createHash('sha256').update(text).digest('hex')}"`;
  if (headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const packed = gzipSync(text);
  response.writeHead(200, { etag, 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
}

function entryOf({ chart, version, archive, created, url, ...more }: HostedVersion) {
  const digest = 'digest' in more ? more.digest : createHash('sha256').update(archive).digest('hex');
  return { name: chart, version, created, digest, urls: [url ?? `${chart}-${version}.tgz`] };
}
