import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import { versionOfTag } from './names.ts';

/** OCI repository deeper than `SPACE/NAME`, so that a chart in it is not a chart of the space. */
export interface DeeperRepository {
  /** Below the space: `team/web`. */
  name: string;
  /** Its first tags: versions, the highest first, and then other tags. Those of signatures are left out. */
  tags: string[];
  /** Number of its tags without those of signatures, counted up to `maxCountedTags`. */
  tagCount: number;
  /** Type of the artifact under a tag, a version if there is one; null where there is no tag. */
  artifactType: string | null;
}

/** Tags of a repository that are shown, and those that are examined. */
const maxShownTags = 20;
/** Tags that are counted at the most. */
export const maxCountedTags = 500;

/**
 * Lists the repositories of a space that are deeper than `SPACE/NAME`, by name.
 * @param options.after lists repositories after this one; '' begins at the start
 * @returns `next`, after which the next page begins; undefined on the last
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listDeeperOciRepositories(
  { db, suggestible }: Pick<RegistryDeps, 'db' | 'suggestible'>,
  space: string,
  { after, limit }: { after: string; limit: number },
): Promise<{ items: DeeperRepository[]; next: string | undefined }> {
  checkSpaceName(space);
  const spaceId = await findSpaceId(db, space);
  if (spaceId === undefined) throw await explainMissing(db, { space }, suggestible);
  const rows = await db.query<DeeperRepository>(listStatement, [spaceId, after, limit + 1]);
  const items = rows.slice(0, limit).map(({ tags, ...row }) => ({ ...row, tags: chooseTags(tags) }));
  return { items, next: rows.length > limit ? items.at(-1)?.name : undefined };
}

/** Chooses the tags to show: the highest versions, and then others, the last by name. */
function chooseTags(tags: readonly string[]): string[] {
  const keyed = tags.map((tag) => {
    const version = parseVersion(versionOfTag(tag) ?? '');
    return { tag, key: version ? sortKey(version) : '' };
  });
  keyed.sort((one, other) => compare(other.key, one.key) || compare(other.tag, one.tag));
  return keyed.slice(0, maxShownTags).map(({ tag }) => tag);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

// Cosign keeps signatures beside what they sign, under tags that are digests.
const isNoSignatureSql = `name !~ '^sha(256|512)-[0-9a-f]{64}'`;

// The index of deeper names has no others, so a page reads what it shows: repositories of charts are many.
const listStatement = `
SELECT r.name, t.tags, t."tagCount", m.artifact_type AS "artifactType"
  FROM (SELECT id, name FROM oci_repositories
         WHERE space_id = $1 AND name LIKE '%/%' AND name > $2 ORDER BY name LIMIT $3) r
 CROSS JOIN LATERAL (
   SELECT coalesce(array_agg(name::text), '{}') AS tags, count(*) AS "tagCount",
          (array_agg(manifest_id ORDER BY name ~ '^[0-9]+[.][0-9]+[.][0-9]+' DESC, name DESC))[1] AS manifest
     FROM (SELECT name, manifest_id FROM oci_tags
            WHERE repository_id = r.id ORDER BY name LIMIT ${maxCountedTags}) l
    WHERE ${isNoSignatureSql}
 ) t
  LEFT JOIN LATERAL (SELECT artifact_type FROM oci_manifests WHERE id = t.manifest) m ON true
 ORDER BY r.name`;
