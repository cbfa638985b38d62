import { RegistryError } from '../errors.ts';
import { explainMissing } from '../registry/not-found.ts';
import { parseVersion } from '../semver/version.ts';
import { decideChart } from './decide.ts';
import { readCircumstances } from './load-charts.ts';
import { type LoadedSlice, loadPage, type VersionCursor } from './load-page.ts';
import { type RetentionDeps, requireSpace } from './require-space.ts';
import { prepareRules, type ReadyRule } from './rules.ts';
import { findRetention } from './settings.ts';
import type { Circumstances, Verdict } from './verdict.ts';

/** Version with what a run would do with it now. */
export interface PreviewItem extends Verdict {
  chart: string;
  version: string;
  /** Bytes of the archive. */
  size: number;
  storedAt: Date;
  /** Day of the last download that is recorded. */
  pulledOn: string | null;
}

/** Version that a page of a preview listed last, or the end of a chart. */
export type PreviewCursor = VersionCursor;

/** Page of a preview, and the cursor of the next one. */
export interface PreviewPage {
  items: PreviewItem[];
  next?: PreviewCursor;
}

/** Choice of a preview, and its page. */
export interface PreviewOptions {
  /** The only chart. */
  chart?: string | undefined;
  action?: Verdict['action'] | undefined;
  after: PreviewCursor | undefined;
  limit: number;
}

/** Versions that a page examines where it lists some of them only. */
const maxExamined = 1_000;

/**
 * Lists versions with what a run would do now. Versions come by charts, the highest first. Nothing is changed. A page
 * examines the versions that it lists. Where it lists those of one action only, it examines a bounded number: then it
 * may be short, or empty, and have a next page.
 * @throws {RegistryError} `chart.notFound`, `space.notFound`
 */
export async function previewRetention(
  deps: RetentionDeps,
  name: string,
  { chart, action, after, limit }: PreviewOptions,
): Promise<PreviewPage> {
  const space = await requireSpace(deps, name, 'chart.read');
  const stored = await findRetention(deps.db, space.id);
  const isWithin = after !== undefined && (chart === undefined || chart === after.chart);
  const [circumstances, { slices, isKnown, last }] = await Promise.all([
    readCircumstances(deps.db, space.id),
    loadPage(deps.db, space, isWithin ? after : { chart: chart ?? '', version: '' }, {
      only: chart !== undefined,
      limit: action === undefined ? limit + 1 : Math.max(limit + 1, maxExamined),
    }),
  ]);
  if (chart !== undefined && !isKnown)
    throw await explainMissing(deps.db, { space: name, chart }, await deps.actor.scope());
  const rules = prepareRules(stored?.rules ?? []);
  const wanted = slices
    .flatMap((slice) => toPreviewItems(rules, slice, circumstances))
    .filter((item) => action === undefined || item.action === action);
  const items = wanted.slice(0, limit);
  const end = items.at(-1);
  if (wanted.length > limit && end) return { items, next: { chart: end.chart, version: end.version } };
  return last === undefined ? { items } : { items, next: last };
}

function toPreviewItems(
  rules: readonly ReadyRule[],
  slice: LoadedSlice,
  circumstances: Circumstances,
): PreviewItem[] {
  const verdicts = decideChart(rules, slice.name, slice.versions, circumstances, slice);
  return slice.versions.flatMap(({ version, size, storedAt, pulledOn }, index) => {
    const verdict = verdicts[index];
    return verdict ? [{ chart: slice.name, version, ...verdict, size, storedAt, pulledOn }] : [];
  });
}

/** Writes a cursor as the text that clients send for the next page. */
export function writePreviewCursor({ chart, version }: PreviewCursor): string {
  return Buffer.from(`${chart}/${version}`).toString('base64url');
}

/** Reads the text of a cursor. @throws {RegistryError} `request.invalid` for any other text */
export function readPreviewCursor(text: string): PreviewCursor {
  const [chart = '', version, ...rest] = Buffer.from(text, 'base64url').toString().split('/');
  const isVersion = version === '' || (version !== undefined && parseVersion(version) !== undefined);
  if (isVersion && rest.length === 0 && chart.length <= 300 && !chart.includes('\0'))
    return { chart, version };
  throw new RegistryError(
    'request.invalid',
    'cursor: this is not a cursor of this list. Send the one of the Link header of the previous page.',
    { parameter: 'cursor' },
  );
}
