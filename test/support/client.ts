import { packChart, type TestChart } from './charts.ts';

/** A registry's interface, as tests call it. */
export interface TestClient {
  /** Any path, of one of its APIs after the other. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The API below `/api/v1`. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** Uploads an archive, or a chart that is packed first. */
  upload(space: string, chart: TestChart | Buffer): Promise<Response>;
  /** Sends a recipe; waits for its end unless the headers say otherwise. */
  orchestrate(space: string, recipe: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The form that uploads an archive. */
export function chartForm(archive: Buffer): FormData {
  const form = new FormData();
  form.set('chartfile', new Blob([archive]), 'chart.tgz');
  return form;
}

/** Calls the APIs of one registry in turn. */
export function createClient(urls: readonly string[]): TestClient {
  let calls = 0;
  const request = (path: string, init?: RequestInit) => {
    calls += 1;
    return fetch(`${urls[calls % urls.length]}${path}`, init);
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
