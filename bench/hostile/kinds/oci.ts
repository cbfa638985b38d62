import { digest, imageType, openRepository } from '../../../test/support/oci.ts';
import { type HostileKind, kind, space, statusOf, type Target } from './kind.ts';

/** Makes kinds of OCI clients. */
export function ociKinds({ client }: Target): HostileKind[] {
  const layer = { mediaType: 'x', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
  const many = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: layer,
    layers: Array.from({ length: 30_000 }, () => layer),
  });
  const image = (round: number) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: imageType,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digest('{}'), size: 2 },
      layers: [],
      annotations: { round: String(round) },
    });
  return [
    kind('manifest of 30,000 layers', () => openRepository(client, `${space}/many`).put('many', many)),
    {
      name: 'manifest of 1,500 tags',
      async send(round) {
        const repository = openRepository(client, `tagged-${round % 5}/tagged`);
        await statusOf(repository.pushBlob('{}'));
        const tags = Array.from({ length: 1_500 }, (_, number) => `t${number.toString(36)}`);
        const body = image(round);
        return [
          await statusOf(repository.put(`${digest(body)}?tag=${tags.join('&tag=')}`, body)),
          await statusOf(repository.call('tags/list?n=10000')),
          await statusOf(repository.remove(`manifests/${digest(body)}`)),
        ];
      },
    },
    {
      name: 'upload sessions left open',
      send: (round) =>
        Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const repository = openRepository(client, `${space}/left-${round % 5}`);
            const location = await repository.begin();
            const status = await statusOf(repository.patch(location, `${round} ${index}`));
            // Every second one is cancelled; the others end by themselves.
            if (index % 2) await statusOf(client.request(location, { method: 'DELETE' }));
            return status;
          }),
        ),
    },
  ];
}
