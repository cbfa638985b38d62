import { packChart, type TestChart } from './charts.ts';

/** HTTP client of a registry for tests. */
export interface TestClient {
  /** Sends a request for any path, to the API processes in turn. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a request for a path below `/api/v1`. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** Uploads an archive, or a chart that is packed first. */
  upload(space: string, chart: TestChart | Buffer): Promise<Response>;
  /** Sends a recipe. Without `headers` the request waits 30 s for the end of the job. */
  orchestrate(space: string, recipe: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Builds the form that uploads an archive. */
export function chartForm(archive: Buffer): FormData {
  const form = new FormData();
  form.set('chartfile', new Blob([archive]), 'chart.tgz');
  return form;
}

/**
 * Creates a client that calls the API processes of one registry in turn.
 * @param authorization header of each request that has none
 * @param always further headers of each request
 */
export function createClient(
  urls: readonly string[],
  authorization?: string,
  always: Record<string, string> = {},
): TestClient {
  let calls = 0;
  const request = (path: string, init?: RequestInit) => {
    calls += 1;
    const headers = new Headers(init?.headers);
    if (authorization !== undefined && !headers.has('authorization'))
      headers.set('Authorization', authorization);
    for (const [name, value] of Object.entries(always)) headers.set(name, value);
    return fetch(`${urls[calls % urls.length]}${path}`, { ...init, headers });
  };
  const api = (path: string, init?: RequestInit) => request(`/api/v1${path}`, init);
  return {
    request,
    api,
    async upload(space, chart) {
      const body = chartForm(Buffer.isBuffer(chart) ? chart : await packChart(chart));
      return api(`/spaces/${space}/charts`, { method: 'POST', body });
    },
    orchestrate: (space, recipe, headers = { Prefer: 'wait=30' }) =>
      api(`/spaces/${space}/charts`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof recipe === 'string' ? recipe : JSON.stringify(recipe),
      }),
  };
}
