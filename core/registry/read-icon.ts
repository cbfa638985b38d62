import { findByPath } from '../chart/contents/file-table.ts';
import { RegistryError } from '../errors.ts';
import { type DeclaredIcon, maxIconBytes, readDeclaredIcon } from '../icons/declared-icon.ts';
import { type Icon, toIcon } from '../icons/icon.ts';
import type { IconCache } from '../icons/icon-cache.ts';
import { type ContentsReadDeps, openVersion } from './chart-contents.ts';
import { checkVersionRef, versionNameOf } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { VersionRef } from './registry.ts';
import { versionIdSql } from './version-lookup.ts';

/** Dependencies of the use case; without `icons` nothing is fetched. */
export type IconReadDeps = ContentsReadDeps & { icons: IconCache | undefined };

/**
 * Reads the icon of a version. The icon comes from the archive, from Chart.yaml itself, or from the address that this
 * names.
 * @throws {RegistryError} `icon.notFound`; `version.notFound`, or that of its chart or space; `blob.damaged`,
 *   `blob.missing`
 */
export async function readIcon(deps: IconReadDeps, ref: VersionRef): Promise<Icon> {
  const text = await findIconText(deps, ref);
  if (text === '') throw notFound(ref, 'declares no icon');
  const declared = readDeclaredIcon(text);
  if (!declared)
    throw notFound(
      ref,
      'declares an icon that is neither a web address nor a data: URL nor a path in its archive',
    );
  if (declared.kind === 'url' && !deps.icons)
    throw notFound(ref, 'has its icon elsewhere, and this registry is set to fetch none (ICON_FETCH)');
  const icon = await readDeclared(deps, ref, declared);
  if (icon) return icon;
  // Nothing more is said of an address: the answer must not tell what the registry can reach.
  throw notFound(
    ref,
    `has no image of a known type, of ${maxIconBytes} bytes at the most, where it declares its icon`,
  );
}

async function findIconText({ db, suggestible }: IconReadDeps, ref: VersionRef): Promise<string> {
  checkVersionRef(ref);
  const [row] = await db.query<{ icon: string | null }>(
    `SELECT v.metadata->>'icon' AS icon FROM versions v WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!row) throw await explainMissing(db, ref, suggestible);
  return row.icon?.trim() ?? '';
}

async function readDeclared(
  deps: IconReadDeps,
  ref: VersionRef,
  declared: DeclaredIcon,
): Promise<Icon | undefined> {
  if (declared.kind === 'url') return deps.icons?.read(declared.url);
  if (declared.kind === 'data') return toIcon(declared.bytes);
  for (;;) {
    const { archive, contents } = await openVersion(deps, ref);
    const file = declared.paths.flatMap((path) => findByPath(contents.files, path) ?? [])[0];
    if (!file || file.size > maxIconBytes) return undefined;
    const bytes = await deps.contents.readFile(archive, contents, file);
    // An archive that is gone means that the version was deleted, or has another one by now: look again.
    if (bytes) return toIcon(bytes);
  }
}

function notFound(ref: VersionRef, why: string): RegistryError {
  return new RegistryError('icon.notFound', `${versionNameOf(ref)} ${why}.`);
}
