import { charts, type HostileKind, json, recipe, statusOf, type Target } from './kind.ts';

/** Space whose webhooks lead to hostile receivers. */
const hooked = 'hooked';

/** Makes kinds whose events call hostile receivers. Stores webhooks of a space. */
export async function webhookKinds({ client: { api, upload }, receivers }: Target): Promise<HostileKind[]> {
  const post = (path: string, body: object) =>
    api(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
  await statusOf(api(`/spaces?space=${hooked}`, { method: 'POST' }));
  for (const url of receivers) {
    const status = await statusOf(post(`/spaces/${hooked}/webhooks`, { url, events: ['*'] }));
    if (status !== 201) throw new Error(`a webhook was answered ${status}`);
  }
  return [
    {
      name: 'events for hostile receivers',
      async send(round) {
        const chart = `told-${round % 20}`;
        return [
          await statusOf(upload(hooked, { name: chart, values: { round } })),
          await statusOf(api(`/spaces/${hooked}/charts/${chart}`, { method: 'DELETE' })),
        ];
      },
    },
    {
      name: 'callbacks to hostile receivers',
      send: (round) =>
        Promise.all(
          receivers.map((url, index) => {
            const made = recipe(`called-${index}`, round, '{"a":1}');
            const body = `${made.slice(0, -1)},"callback":{"url":${JSON.stringify(url)}}}`;
            return statusOf(api(charts, { method: 'POST', headers: json, body }));
          }),
        ),
    },
  ];
}
