import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packChart } from '../../../test/support/charts.ts';
import { type HostileKind, kind, statusOf, type Target } from './kind.ts';

/** Makes kinds that upload archives, and lists of what was uploaded. */
export async function uploadKinds({ client }: Target): Promise<HostileKind[]> {
  const { api, request, upload } = client;
  const [maps, list, comment, entries, zeros] = await packArchives();
  const send = (archive: Buffer) => async (round: number) => {
    // Each archive in a space of its own, which is deleted again: the archive is inspected and stored anew.
    const space = `hostile-${round % 50}`;
    const statuses = [await statusOf(upload(space, archive))];
    await statusOf(api(`/spaces/${space}`, { method: 'DELETE' }));
    return statuses;
  };
  const named = (name: string, archive: Buffer): HostileKind => ({ name, send: send(archive) });
  return [
    named('upload with 40,000 maps', maps),
    named('upload with a list of 60,000', list),
    named('upload of a comment of 5 MB', comment),
    named('upload of 9,900 files', entries),
    named('upload of 300 MB in zeros', zeros),
    kind('upload that is cut', () => upload('hostile-cut', maps.subarray(0, maps.length - 2_000))),
    kind('upload of 5 MB of noise', () => upload('hostile-cut', randomBytes(5_000_000))),
    {
      name: 'uploads of large Chart.yaml, lists',
      async send(round) {
        const space = `flood-${round % 50}`;
        const statuses: number[] = [];
        for (let number = 0; number < 20; number += 1) {
          const manifest = { description: `${round} ${'d'.repeat(1_000_000)}` };
          const archive = await packChart({ name: 'flood', version: `1.0.${number}`, manifest });
          statuses.push(await statusOf(upload(space, archive)));
        }
        const lists = [
          `/api/v1/spaces/${space}/metadata?limit=1000`,
          `/api/v1/spaces/${space}/charts/flood/metadata?limit=1000`,
          `/api/${space}/charts`,
          `/api/${space}/charts/flood`,
          `/${space}/index.yaml`,
          `/api/v1/spaces/${space}/details?limit=1000`,
        ];
        statuses.push(...(await Promise.all(lists.map((path) => statusOf(request(path))))));
        statuses.push(await statusOf(api(`/spaces/${space}`, { method: 'DELETE' })));
        return statuses;
      },
    },
  ];
}

async function packArchives() {
  const values = Array.from({ length: 40_000 }, (_, index) => `\n  k${index}: {a: [b, c]}`).join('');
  const files = Object.fromEntries(
    Array.from({ length: 9_900 }, (_, index) => [`files/${index % 100}/${index}.txt`, `${index}`]),
  );
  return Promise.all([
    packChart({ name: 'hostile', files: { 'values.yaml': `v: ${values}` } }),
    packChart({ name: 'hostile', files: { 'values.yaml': `x:\n${'- a\n'.repeat(60_000)}` } }),
    packChart({ name: 'hostile', files: { 'values.yaml': Buffer.alloc(4_900_000, '#') } }),
    packChart({ name: 'hostile', files }),
    gzipSync(Buffer.alloc(300_000_000)),
  ] as const);
}
