import type { DeletedVersion, RestoredVersion } from '../../../client/src/index.ts';
import { usageError } from '../command-error.ts';
import type { View } from '../display/view.ts';
import { isExactVersion } from '../find-version.ts';
import { formatAddress, parseAddress, parseChartAddress } from '../parse-address.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry restore`. */
export interface RestoreOptions {
  digest?: string;
}

/** Deleted version with its space. */
type Row = DeletedVersion & { space: string };

const deletedView: View<Row> = {
  columns: [
    { title: 'ADDRESS', value: formatAddress },
    { title: 'DELETED', value: ({ deletedAt }) => deletedAt },
    { title: 'UNTIL', value: ({ restorableUntil }) => restorableUntil },
    { title: 'DIGEST', value: ({ digest }) => digest },
  ],
  name: formatAddress,
};

const restoredView: View<RestoredVersion> = {
  columns: [
    { title: 'ADDRESS', value: formatAddress },
    { title: 'DIGEST', value: ({ digest }) => digest },
    { title: 'SAME MANIFEST', value: ({ sameManifest }) => sameManifest },
  ],
  name: formatAddress,
};

/** Runs `helm-registry deleted`: lists versions that can be restored. */
export async function listDeleted(session: Session, text: string): Promise<void> {
  const { space, chart, version } = parseAddress(text);
  if (version !== undefined) throw usageError(`${text} is a version: expected SPACE or SPACE/CHART`);
  const client = await session.connect();
  const rows: Row[] = [];
  const filter = chart === undefined ? {} : { chart };
  for await (const deleted of client.space(space).deleted(filter, { signal: session.signal }))
    rows.push({ space, ...deleted });
  await session.output.list(deletedView, rows);
}

/** Runs `helm-registry restore`: restores a deleted version. */
export async function restore(session: Session, text: string, { digest }: RestoreOptions): Promise<void> {
  const { space, chart, version } = parseChartAddress(text);
  if (version === undefined || !isExactVersion(version))
    throw usageError(`${text} names no version: expected SPACE/CHART:VERSION, as \`deleted\` lists them`);
  const client = await session.connect();
  const options = { signal: session.signal, ...(digest === undefined ? {} : { digest }) };
  const restored = await client.space(space).chart(chart).version(version).restore(options);
  if (restored.sameManifest === false)
    session.note('warning: its OCI manifest could not be made again, so that signatures of it do not count');
  await session.output.one(restoredView, restored);
}
