import { packChart } from '../../../test/support/charts.ts';
import { bombs } from '../schema-bombs.ts';
import { charts, type HostileKind, json, kind, recipe, statusOf, type Target } from './kind.ts';

/** Makes kinds whose schemas are costly to check. Uploads, new values, dry runs and recipes check them. */
export async function schemaKinds({ client: { api, orchestrate, upload } }: Target): Promise<HostileKind[]> {
  const kinds = bombs.map(async ({ name, schema, values }): Promise<HostileKind[]> => {
    const files = { 'values.schema.json': schema };
    const archive = await packChart({ name: `upload-${name}`, values, files });
    const config = JSON.stringify(values);
    return [
      {
        name: `schema at an upload: ${name}`,
        async send(round) {
          const space = `schemas-${round % 50}`;
          const status = await statusOf(upload(space, archive));
          await statusOf(api(`/spaces/${space}`, { method: 'DELETE' }));
          return [status];
        },
      },
      kind(`schema at new values: ${name}`, (round) =>
        api(`${charts}/${name}/versions/1.0.0/manifests/values`, {
          method: 'PUT',
          headers: json,
          body: `{"round":${round},${config.slice(1)}`,
        }),
      ),
      {
        name: `schema in recipes: ${name}`,
        send: (round) => {
          const send = (body: string, query: string) =>
            statusOf(api(`${charts}${query}`, { method: 'POST', headers: json, body }));
          const made = recipe(`schema-${name}`, round, config, name);
          return Promise.all([
            send(made, '?dryRun=true'),
            send(made, '?dryRun=true'),
            statusOf(orchestrate('bench', made, { Prefer: 'wait=20' })),
          ]);
        },
      },
    ];
  });
  return (await Promise.all(kinds)).flat();
}
