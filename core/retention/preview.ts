import { RegistryError } from '../errors.ts';
import { explainMissing } from '../registry/not-found.ts';
import { decideChart } from './decide.ts';
import { type LoadedChart, loadCharts, readCircumstances } from './load-charts.ts';
import { type RetentionDeps, requireSpace } from './place.ts';
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

/** Place in a preview: the version that was listed last. */
export interface PreviewPlace {
  chart: string;
  version: string;
}

/** Part of a preview, and the place from which it goes on. */
export interface PreviewPage {
  items: PreviewItem[];
  next?: PreviewPlace;
}

/** Choice of a preview, and its page. */
export interface PreviewOptions {
  /** The only chart. */
  chart?: string | undefined;
  action?: Verdict['action'] | undefined;
  after: PreviewPlace | undefined;
  limit: number;
}

/**
 * Lists versions with what a run would do now. Versions come by charts, the highest first. Nothing is changed.
 * A page looks at the versions of one group of charts at the most; it may be short, or empty, and have a next one.
 * @throws {RegistryError} `chart.notFound`, `space.notFound`
 */
export async function previewRetention(
  deps: RetentionDeps,
  name: string,
  { chart, action, after, limit }: PreviewOptions,
): Promise<PreviewPage> {
  const space = await requireSpace(deps, name, 'chart.read');
  const stored = await findRetention(deps.db, space.id);
  const from = chart ?? after?.chart ?? '';
  const [circumstances, { charts, last }] = await Promise.all([
    readCircumstances(deps.db, space.id),
    loadCharts(deps.db, space, from, { only: chart !== undefined, after: after?.version === '' }),
  ]);
  if (chart !== undefined && charts.length === 0)
    throw await explainMissing(deps.db, { space: name, chart }, await deps.actor.scope());
  const rules = prepareRules(stored?.rules ?? []);
  const wanted = charts.flatMap((loaded) =>
    listChart(rules, loaded, circumstances, after?.chart === loaded.name ? after.version : '').filter(
      (item) => action === undefined || item.action === action,
    ),
  );
  const items = wanted.slice(0, limit);
  const end = items.at(-1);
  if (wanted.length > limit && end) return { items, next: { chart: end.chart, version: end.version } };
  return last === undefined ? { items } : { items, next: { chart: last, version: '' } };
}

/** Lists the versions of a chart. @param after version behind which the list begins; '' for all */
function listChart(
  rules: readonly ReadyRule[],
  { name, versions }: LoadedChart,
  circumstances: Circumstances,
  after: string,
): PreviewItem[] {
  const verdicts = decideChart(rules, name, versions, circumstances);
  const items = versions.flatMap(({ version, size, storedAt, pulledOn }, index) => {
    const verdict = verdicts[index];
    return verdict ? [{ chart: name, version, ...verdict, size, storedAt, pulledOn }] : [];
  });
  // A version that was deleted since is not found, and its chart is listed anew.
  return items.slice(items.findIndex(({ version }) => version === after) + 1);
}

/** Writes a place as the text that clients send to go on from there. */
export function writePreviewCursor({ chart, version }: PreviewPlace): string {
  return Buffer.from(`${chart}/${version}`).toString('base64url');
}

/** Reads the text of a place. @throws {RegistryError} `request.invalid` for any other text */
export function readPreviewCursor(text: string): PreviewPlace {
  const [chart = '', version, ...rest] = Buffer.from(text, 'base64url').toString().split('/');
  if (version !== undefined && rest.length === 0 && chart.length <= 300 && !chart.includes('\0'))
    return { chart, version };
  throw new RegistryError(
    'request.invalid',
    'cursor: this is no place in the list. Send the one of the Link header of the page before.',
    { parameter: 'cursor' },
  );
}
