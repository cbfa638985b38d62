import type { ComparedPart, Comparison, VersionClient } from '../../../client/src/index.ts';
import type { View } from '../display/view.ts';
import { findVersion } from '../find-version.ts';
import { parseChartAddress } from '../parse-address.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry compare`. */
export interface CompareOptions {
  only?: ComparedPart;
  diff?: boolean;
}

/** Difference, of any part. */
interface Difference {
  part: ComparedPart;
  change: string;
  where: string;
  from: unknown;
  to: unknown;
}

const differenceView: View<Difference> = {
  columns: [
    { title: 'PART', value: ({ part }) => part },
    { title: 'CHANGE', value: ({ change }) => change },
    { title: 'WHERE', value: ({ where }) => where },
    { title: 'FROM', value: ({ from }) => renderSide(from) },
    { title: 'TO', value: ({ to }) => renderSide(to) },
  ],
  name: ({ where }) => where,
};

/** Items of each list that are requested at a time. */
const pageSize = 500;

/** Runs `helm-registry compare`: the differences between two versions, or the diffs of their files. */
export async function compare(
  session: Session,
  from: string,
  to: string,
  { only, diff = false }: CompareOptions,
): Promise<void> {
  const { output, signal } = session;
  const client = await session.connect();
  const first = parseChartAddress(from);
  const second = to.includes('/') ? parseChartAddress(to) : { ...first, version: to };
  const [base, other] = await Promise.all([
    findVersion(client, first, signal),
    findVersion(client, second, signal),
  ]);
  const comparison = await readComparison(base, other, diff ? 'files' : only, signal);
  if (await output.data(comparison)) return;
  if (diff)
    for (const file of comparison.files?.items ?? []) output.text(file.diff ?? `${file.path} differs\n`);
  else await output.list(differenceView, listDifferences(comparison));
  if (comparison.truncated)
    session.note('warning: some values or diffs are cut for their length; `-o json` says which');
}

/** Reads all pages of a comparison. */
async function readComparison(
  base: VersionClient,
  { ref }: VersionClient,
  only: ComparedPart | undefined,
  signal: AbortSignal,
): Promise<Comparison> {
  const readPage = (start: number) =>
    base.compare(
      ref.version,
      { space: ref.space, chart: ref.chart, start, limit: pageSize, ...(only === undefined ? {} : { only }) },
      { signal },
    );
  const whole = await readPage(0);
  const longest = Math.max(0, ...listsOf(whole).map(({ total }) => total));
  for (let start = pageSize; start < longest; start += pageSize) {
    const page = await readPage(start);
    whole.truncated ||= page.truncated;
    whole.metadata?.items.push(...(page.metadata?.items ?? []));
    whole.dependencies?.items.push(...(page.dependencies?.items ?? []));
    whole.subcharts?.items.push(...(page.subcharts?.items ?? []));
    whole.values?.items.push(...(page.values?.items ?? []));
    whole.files?.items.push(...(page.files?.items ?? []));
  }
  return whole;
}

function listsOf({ metadata, dependencies, subcharts, values, files }: Comparison) {
  return [metadata, dependencies, subcharts, values, files].filter((list) => list !== undefined);
}

function listDifferences({ metadata, dependencies, subcharts, values, files }: Comparison): Difference[] {
  const keys = (part: ComparedPart, list: Comparison['values']) =>
    (list?.items ?? []).map(({ change, pointer, from, to }) => ({ part, change, where: pointer, from, to }));
  return [
    ...keys('metadata', metadata),
    ...(dependencies?.items ?? []).map(({ change, name, from, to }) => ({
      ...{ part: 'dependencies' as const, change, where: name },
      ...{ from: from?.version, to: to?.version },
    })),
    ...(subcharts?.items ?? []).map(({ change, path, from, to }) => ({
      ...{ part: 'subcharts' as const, change, where: path, from, to },
    })),
    ...keys('values', values),
    ...(files?.items ?? []).map(({ change, path, from, to }) => ({
      ...{ part: 'files' as const, change, where: path },
      ...{ from: from && `${from.size} B`, to: to && `${to.size} B` },
    })),
  ];
}

/** Renders one side of a difference; a text as it is, everything else as JSON. */
function renderSide(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return JSON.stringify(value);
}
