import { setTimeout as wait } from 'node:timers/promises';
import type { TestClient } from '../../test/support/client.ts';

/** Good requests of one kind. */
export interface GoodCount {
  sent: number;
  /** Times that the registry asked to come again later (503 with `Retry-After`), which a client obeys. */
  asked: number;
  longestMs: number;
}

/** Good requests: what was sent, and what failed. */
export interface GoodRequests {
  counts: Map<string, GoodCount>;
  /** Faults in words, the first hundred. */
  faults: string[];
  failed: number;
  /** Sends one round of requests, one after the other. */
  round(number: number): Promise<void>;
}

/** Versions that stay; older ones are deleted. */
const kept = 20;
/** Times that a request is sent at most, where the registry asks to come later. */
const maxTries = 12;

/** Creates a client that behaves: it publishes, reads, composes, and deletes what is old. */
export function createGoodRequests({ request, api, upload, orchestrate }: TestClient): GoodRequests {
  const counts = new Map<string, GoodCount>();
  const faults: string[] = [];
  let failed = 0;

  async function expectStatus(name: string, status: number, send: () => Promise<Response>): Promise<void> {
    const count = counts.get(name) ?? { sent: 0, asked: 0, longestMs: 0 };
    counts.set(name, count);
    count.sent += 1;
    try {
      for (let tries = 1; ; tries += 1) {
        const startedAt = performance.now();
        const response = await send();
        const body = await response.text();
        count.longestMs = Math.max(count.longestMs, performance.now() - startedAt);
        if (response.status === status) return;
        const later = Number(response.headers.get('retry-after'));
        if (response.status !== 503 || !later || tries === maxTries)
          throw new Error(`${response.status} ${body.slice(0, 200)}`);
        count.asked += 1;
        await wait(later * 1_000);
      }
    } catch (error) {
      failed += 1;
      const cause = error instanceof Error && error.cause ? ` (${String(error.cause)})` : '';
      if (faults.length < 100)
        faults.push(
          `${new Date().toISOString()} ${name}: ${error instanceof Error ? error.message : error}${cause}`,
        );
    }
  }

  return {
    counts,
    faults,
    get failed() {
      return failed;
    },
    async round(number) {
      const version = `1.0.${number}`;
      const path = `/spaces/good/charts/good/versions/${version}`;
      const values = { number };
      const chart = { name: 'good', version, values };
      const recipe = {
        save: { chart: 'composed', version: '1.0.0', replace: true },
        configs: {
          package: { independent: true, space: 'good', chart: 'good', version },
          _config: { composed: number },
        },
      };
      await expectStatus('upload', 201, () => upload('good', chart));
      await expectStatus('list', 200, () => api('/spaces/good/charts?limit=10'));
      await expectStatus('metadata', 200, () => api(`${path}/manifests/metadata`));
      await expectStatus('values', 200, () => api(`${path}/manifests/values`));
      await expectStatus('details', 200, () => api('/spaces/good/charts/good/details'));
      await expectStatus('download', 200, () => request(`/good/charts/good-${version}.tgz`));
      await expectStatus('index', 200, () => request('/good/index.yaml'));
      await expectStatus('OCI manifest', 200, () => request(`/v2/good/good/manifests/${version}`));
      await expectStatus('search', 200, () => api('/search?q=good&space=good'));
      if (number % 5 === 0)
        await expectStatus('recipe', 201, () => orchestrate('good', recipe, { Prefer: 'wait=60' }));
      if (number < kept) return;
      const old = `/spaces/good/charts/good/versions/1.0.${number - kept}`;
      await expectStatus('delete', 204, () => api(old, { method: 'DELETE' }));
    },
  };
}
