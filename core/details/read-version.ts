import { checkVersionRef } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { type DeclaredFields, readDeclared } from './declared-fields.ts';
import type { DetailsDeps, VersionDetails } from './details.ts';
import { toVersionDetails, type VersionRow, versionColumns } from './version-row.ts';

/** Version as a page about it shows it, but for what its archive alone says. */
export type FullVersionDetails = VersionDetails &
  DeclaredFields & {
    /** Whether it has a provenance file; `signed` is true of a signature of cosign too. */
    provenance: boolean;
  };

/**
 * Reads the details of a version, without its state.
 * @throws {RegistryError} `name.invalid`, `version.invalid`, `space.notFound`, `chart.notFound`, `version.notFound`
 */
export async function readVersionDetails(
  { db, suggestible }: Omit<DetailsDeps, 'actor'>,
  ref: VersionRef,
): Promise<FullVersionDetails> {
  checkVersionRef(ref);
  const [row] = await db.query<VersionRow & { entry: string; provenance: boolean }>(
    `SELECT ${versionColumns}, v.entry, v.provenance IS NOT NULL AS provenance FROM versions v WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!row) throw await explainMissing(db, ref, suggestible);
  return { ...toVersionDetails(ref, row), ...readDeclared(row.entry), provenance: row.provenance };
}
