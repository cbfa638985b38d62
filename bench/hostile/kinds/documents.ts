import { charts, type HostileKind, json, keys, kind, type Target } from './kind.ts';

/** Makes kinds that replace the values and the metadata of a chart. */
export function documentKinds({ client: { api } }: Target): HostileKind[] {
  const manifests = (chart: string) => `${charts}/${chart}/versions/1.0.0/manifests`;
  const put = (chart: string, document: string, body: string) =>
    api(`${manifests(chart)}/${document}`, { method: 'PUT', headers: json, body });
  const many = JSON.stringify(keys(100_000))
    .slice(0, 1_000_000)
    .replace(/,[^,]*$/, '}');
  const fewer = JSON.stringify(keys(20_000));
  const long = (round: number) =>
    JSON.stringify({
      apiVersion: 'v2',
      name: 'documents-long',
      version: '1.0.0',
      description: `${round} ${'a'.repeat(900_000)}`,
    });
  const deep = `{"a":`.repeat(20_000).concat('1', '}'.repeat(20_000));
  return [
    kind('values of 100,000 keys', (round) =>
      put('documents-many', 'values', `{"round":${round},${many.slice(1)}`),
    ),
    kind('values of 20,000 keys', (round) =>
      put('documents-fewer', 'values', `{"round":${round},${fewer.slice(1)}`),
    ),
    kind('values nested 20,000 deep', () => put('documents-deep', 'values', deep)),
    kind('values that were made large', () => api(`${manifests('documents-many')}/values`)),
    kind('metadata of 900 KB', (round) => put('documents-long', 'metadata', long(round))),
  ];
}
