import { charts, type HostileKind, kind, space, statusOf, type Target } from './kind.ts';

/** Makes kinds that read: lists, comparisons, origins, ranges, searches. */
export function readKinds({ client: { api, request } }: Target): HostileKind[] {
  const compare = (chart: string, query = '') =>
    api(`${charts}/${chart}/versions/1.0.0/compare/2.0.0${query}`);
  const alternatives = encodeURIComponent(Array.from({ length: 60 }, (_, at) => `>=1.${at}`).join('||'));
  const together = encodeURIComponent(Array(120).fill('>=1').join(' '));
  const words = Array.from({ length: 60 }, (_, index) => 'qxz'.repeat(1 + (index % 20))).join('+');
  const odd = encodeURIComponent(`${'İ'.repeat(100)}%_\\ '"*:&|!() ${'e\u0301'.repeat(60)} \ud83d\ude00`);
  return [
    kind('all metadata', () => api('/spaces/large/metadata?limit=1000')),
    kind('index of large charts', () => request('/large/index.yaml')),
    kind('ChartMuseum list of large charts', () => request('/api/large/charts')),
    kind('all jobs', () => api('/jobs?limit=1000')),
    kind('details of everything', () => api('/details?limit=1000&sort=changed&order=desc')),
    kind('templates', () => request(`/api/${space}/charts/templates/1.0.0/templates`)),
    kind('comparison of 250,000 lines', () => compare('lines')),
    kind('comparison of one file, whole', () => compare('lines', '?file=files/lines.txt')),
    kind('comparison of 3,000 files', () => compare('files')),
    kind('comparison of 60,000 values', () => compare('wide', '?only=values')),
    kind('origins of 60,000 values', () => api(`${charts}/wide/versions/1.0.0/manifests/values?origin=true`)),
    kind('range of 60 alternatives', () => api(`${charts}/templates/details?range=${alternatives}`)),
    kind('range of 120 conditions', () => api(`${charts}/templates/details?range=${together}`)),
    kind('range that is no range', () => api(`${charts}/templates/details?range=${'('.repeat(6_000)}`)),
    kind('search', () => api('/search?q=a&limit=1000&facets=true')),
    kind('search of a word of 240', () => api(`/search?q=${'z'.repeat(240)}&facets=true`)),
    kind('search of a word of 8,000', () => api(`/search?q=${'z'.repeat(8_000)}`)),
    kind('search of 60 words', () => api(`/search?q=${words}&facets=true`)),
    kind('search of odd letters', () => api(`/search?q=${odd}&facets=true`)),
    {
      name: 'addresses that look elsewhere',
      send: () =>
        Promise.all(
          [
            `/public/%2e%2e/api/v1/spaces`,
            `/api/v1/spaces/..%2f..%2fetc/charts`,
            `/${'%2e%2e/'.repeat(1_000)}healthz`,
            `/${'a/'.repeat(4_000)}`,
          ].map((path) => statusOf(request(path))),
        ),
    },
  ];
}
