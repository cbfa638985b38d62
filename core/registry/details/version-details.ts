import type { ReadScope } from '../../access/decide.ts';
import { inScopeSql, isUnbounded, scopeParameters } from '../../access/read-scope.ts';
import type { Digest } from '../../blobs/port.ts';
import type { ComposedState } from '../../outdated/source-state.ts';

/** Facts of a version that lists show. */
export interface VersionDetails {
  space: string;
  chart: string;
  version: string;
  createdAt: Date;
  /** When the archive, its values or its metadata last changed. */
  updatedAt: Date;
  /** Bytes of the archive. */
  size: number;
  digest: Digest;
  /** Name of who published the archive; absent where nobody is known, and for readers who are not. */
  author?: string;
  /** Whether it has a provenance file. */
  signed: boolean;
  composed: boolean;
  deprecated: boolean;
  preRelease: boolean;
  description?: string;
  appVersion?: string;
  kubeVersion?: string;
  type: 'application' | 'library';
  keywords: string[];
  /** Whether Chart.yaml names an icon. */
  icon: boolean;
  /** Whether a composed version is up to date, by the sources that the reader may read. */
  state?: ComposedState;
}

/** Keys of {@link VersionDetails} that may be absent. */
type Optional = 'author' | 'description' | 'appVersion' | 'kubeVersion' | 'state';

/** Row of {@link detailColumns}: null stands for what is absent. */
export type DetailRow = Omit<VersionDetails, Optional> & {
  [Key in Optional]: NonNullable<VersionDetails[Key]> | null;
};

/** Largest number of characters of a text of Chart.yaml that lists show. */
const maxText = 1_000;

/** Largest number of keywords that lists show. */
const maxKeywords = 50;

/** Reader of details: what it may read, and whether it is told who published something. */
export interface DetailReader {
  scope: ReadScope;
  seesAuthors: boolean;
}

/**
 * SQL of the columns of {@link DetailRow} for a version `v`, whose chart is `c` in the space `s`.
 * @param first number of the first of the parameters of {@link detailParameters}
 */
export function detailColumns({ scope }: DetailReader, first: number): string {
  const text = (key: string) => `left(v.metadata ->> '${key}', ${maxText})`;
  return `
    s.name AS space, c.name AS chart, v.version, v.created_at AS "createdAt", v.updated_at AS "updatedAt",
    v.size, v.digest, CASE WHEN $${first}::boolean THEN v.author END AS author,
    v.provenance IS NOT NULL AS signed,
    EXISTS (SELECT FROM lineage l WHERE l.version_id = v.id) AS composed,
    ${isDeprecatedSql} AS deprecated,
    right(v.sort_key, 1) <> '~' AS "preRelease",
    ${text('description')} AS description, ${text('appVersion')} AS "appVersion", ${text('kubeVersion')} AS "kubeVersion",
    CASE WHEN v.metadata ->> 'type' = 'library' THEN 'library' ELSE 'application' END AS type,
    ${keywordsSql} AS keywords,
    coalesce(v.metadata ->> 'icon', '') <> '' AS icon,
    (SELECT ${stateSql(scope, first + 1)} FROM composed_states cs WHERE cs.version_id = v.id) AS state`;
}

/** SQL of whether a version `v` is deprecated, as Helm reads the key. */
export const isDeprecatedSql = `coalesce(v.metadata -> 'deprecated' = 'true', false)`;

/** SQL of the keywords of a version `v`; others than texts are left out. */
const keywordsSql = `
    CASE WHEN jsonb_typeof(v.metadata -> 'keywords') = 'array' THEN
      ARRAY(SELECT left(k #>> '{}', ${maxText}) FROM jsonb_array_elements(v.metadata -> 'keywords') WITH ORDINALITY AS e (k, n)
             WHERE jsonb_typeof(k) = 'string' ORDER BY n LIMIT ${maxKeywords})
      ELSE ARRAY[]::text[] END`;

/** Parameters of {@link detailColumns}. */
export function detailParameters({ scope, seesAuthors }: DetailReader): unknown[] {
  return [seesAuthors, ...(isUnbounded(scope) ? [] : scopeParameters(scope))];
}

/** Makes details of a row: what is null in it is absent. */
export function toDetails({
  author,
  description,
  appVersion,
  kubeVersion,
  state,
  ...row
}: DetailRow): VersionDetails {
  return {
    ...row,
    ...(author === null ? {} : { author }),
    ...(description === null ? {} : { description }),
    ...(appVersion === null ? {} : { appVersion }),
    ...(kubeVersion === null ? {} : { kubeVersion }),
    ...(state === null ? {} : { state }),
  };
}

/** SQL of the state that a reader sees: changes in spaces that it may not read do not count. */
function stateSql(scope: ReadScope, first: number): string {
  if (isUnbounded(scope)) return 'cs.state';
  const seen = (column: string) =>
    `EXISTS (SELECT FROM spaces o WHERE o.name = ANY (cs.${column}) AND ${inScopeSql('o', first)})`;
  return `CASE WHEN ${seen('outdated_in')} THEN 'outdated' WHEN ${seen('newer_in')} THEN 'newer' ELSE 'current' END`;
}
