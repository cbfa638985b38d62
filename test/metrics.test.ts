import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, get as getByName } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../core/db/embedded/free-port.ts';
import { metricPrefix } from '../core/metrics/subject.ts';
import { metricTable } from '../core/metrics/subjects.ts';
import { packageFolder } from '../core/runtime/package-info.ts';
import { createClient } from './support/client.ts';
import { putMirror } from './support/mirrors.ts';
import { runCli, type Served, whenServing } from './support/process.ts';
import { isAvailable } from './support/servers/program.ts';

describe('metrics of serve with two API processes', () => {
  let dataDir: string;
  let served: Served;
  let metricsUrl: string;
  const receiver = createServer((request, response) => {
    request.resume();
    response.end();
  });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'registry-metrics-'));
    const port = await findFreePort();
    metricsUrl = `http://127.0.0.1:${port}/metrics`;
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const child = runCli(['serve'], {
      DATA_DIR: dataDir,
      LISTEN: '127.0.0.1:0',
      API_PROCESSES: '2',
      METRICS_LISTEN: `127.0.0.1:${port}`,
      WEBHOOK_ALLOW: '127.0.0.0/8',
    });
    served = await whenServing(child, 'serve');
    expect((await createClient([served.url]).upload('lib', { name: 'web' })).status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    expect(await served.end('SIGTERM')).toBe(0);
    receiver.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Reads the metrics: their text, and a function that returns the value of a sample. */
  async function scrape() {
    const response = await fetch(metricsUrl);
    expect(response.status).toBe(200);
    const body = await response.text();
    const samples = new Map(
      body
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line): [string, number] => {
          const at = line.lastIndexOf(' ');
          return [line.slice(0, at), Number(line.slice(at + 1))];
        }),
    );
    const value = (sample: string) => samples.get(`${metricPrefix}${sample}`) ?? 0;
    return { body, samples, value };
  }

  /** Sends a GET on a connection of its own, which any process may get. */
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${served.url}${path}`, { headers: { Connection: 'close', ...headers } });
    await response.arrayBuffer();
    return response.status;
  };

  it('every request of every process is counted once, those of repeated reads included', async () => {
    const path = '/api/v1/spaces/lib/charts/web/versions/1.0.0';
    const requests = Array.from({ length: 40 }, () => get(path));
    expect(await Promise.all(requests)).toEqual(Array(40).fill(200));
    expect(
      await Promise.all([
        get('/lib/charts/none-1.0.0.tgz'),
        get('/none/at/all'),
        get('/v2/lib/web/tags/list'),
      ]),
    ).toEqual([404, 404, 200]);
    // A request is counted when its response has ended, which its client may see first.
    await expect
      .poll(async () => {
        const { value } = await scrape();
        const counted = (door: string, route: string, code: number) =>
          value(`http_requests_total{door="${door}",route="${route}",method="GET",code="${code}"}`);
        return {
          versions: counted('api', '/api/v1/spaces/{space}/charts/{chart}/versions/{version}', 200),
          downloads: value('downloads_total{door="api"}'),
          archives: counted('repository', '/{space}/charts/{file}', 404),
          tags: counted('oci', '/v2/{name}/tags/list', 200),
          none: counted('none', '', 404),
          processes: value('processes'),
          // Others in this file may have asked too.
          timed: value('http_request_duration_seconds_count{door="api",method="GET"}') >= 40,
        };
      })
      .toEqual({ versions: 40, downloads: 40, archives: 1, tags: 1, none: 1, processes: 2, timed: true });
  });

  it('jobs, webhooks and what is stored are told', async () => {
    const { port } = receiver.address() as AddressInfo;
    const client = createClient([served.url]);
    const accepted = await client.orchestrate('lib', {
      save: { chart: 'shop', version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      callback: { url: `http://127.0.0.1:${port}/` },
    });
    expect(accepted.status).toBe(201);
    await client.api('/spaces?space=copy', { method: 'POST' });
    const told = async () => {
      const { value } = await scrape();
      return {
        succeeded: value('jobs_ended_total{state="succeeded"}'),
        stored: value('job_duration_seconds_count{stage="storing"}'),
        delivered: value('webhook_deliveries_total{outcome="succeeded"}'),
        sent: value('upstream_requests_total{upstream="webhook",outcome="succeeded"}'),
        pending: value('webhook_deliveries_pending{receiver="callback"}'),
        workers: value('workers'),
        database: value('part_up{part="database"}'),
        versions: value('space_versions{space="lib"}'),
      };
    };
    await expect.poll(told, { timeout: 30_000 }).toEqual({
      succeeded: 1,
      stored: 1,
      delivered: 1,
      sent: 1,
      pending: 0,
      workers: 1,
      database: 1,
      versions: 2,
    });
    await putMirror(client, 'copy', { url: 'http://127.0.0.1:8/' });
    const failed = async () =>
      (await scrape()).value('upstream_requests_total{upstream="mirror",outcome="unreachable"}') ?? 0;
    await expect.poll(failed, { timeout: 30_000 }).toBeGreaterThan(0);
    const { value } = await scrape();
    expect(value('mirror_last_success_timestamp_seconds{space="copy"}')).toBeGreaterThan(1_700_000_000);
    expect(value('space_bytes{space="lib"}')).toBeGreaterThan(100);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(value('database_connections{state="idle"}')).toBeGreaterThan(0);
  });

  it('every metric of the list is exported, and no label has a chart or a version of one', async () => {
    const { body, samples } = await scrape();
    const exported = [...body.matchAll(/^# TYPE helm_registry_(\S+) (\S+)$/gm)].map(([, name, type]) => [
      name,
      type,
    ]);
    expect(exported.sort()).toEqual(
      Object.entries(metricTable)
        .map(([name, { type }]) => [name, type])
        .sort(),
    );
    const named = [
      await readFile(new URL('deploy/monitoring/dashboard.json', packageFolder), 'utf8'),
      await readFile(new URL('deploy/monitoring/alerts.yaml', packageFolder), 'utf8'),
    ].flatMap((text) =>
      [...text.matchAll(/helm_registry_(\w+?)(?=(?:_bucket)?\W)/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(40);
    expect([...new Set(named)].filter((name) => !exported.some(([known]) => known === name))).toEqual([]);
    expect([...samples.keys()].filter((sample) => /"(?:web|shop|1\.0\.0)"/.test(sample))).toEqual([]);
  });

  it.skipIf(!isAvailable('promtool', ['--version']))(
    'promtool finds nothing wrong with the text',
    async () => {
      const { body } = await scrape();
      const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: body,
        encoding: 'utf8',
      });
      expect(stdout + stderr).toBe('');
    },
  );

  it('a foreign host name, by which a page of another site could read them, gets no metrics', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = getByName(metricsUrl, { headers: { Host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
    });
    expect(status).toBe(403);
  });

  it('counters stay when a helper process dies', async () => {
    const sample = 'http_requests_total{door="health",route="/healthz",method="GET",code="200"}';
    const ask = () => Promise.all(Array.from({ length: 20 }, () => get('/healthz')));
    await ask();
    await expect.poll(async () => (await scrape()).value(sample)).toBe(20);
    const helper = () => {
      const found = spawnSync('pgrep', ['-P', String(served.process.pid), '-f', 'api-helper'], {
        encoding: 'utf8',
      });
      return Number(found.stdout.trim().split('\n')[0]);
    };
    const killed = helper();
    expect(killed).toBeGreaterThan(0);
    process.kill(killed, 'SIGKILL');
    const counts = new Set<number>();
    const processes = async () => {
      const { value } = await scrape();
      counts.add(value(sample));
      return value('processes');
    };
    const isReplaced = async () => {
      await processes();
      return ![0, killed].includes(helper());
    };
    await expect.poll(isReplaced, { timeout: 30_000 }).toBe(true);
    await expect.poll(processes, { timeout: 30_000 }).toBe(2);
    expect([...counts]).toEqual([20]);
  }, 90_000);
});
