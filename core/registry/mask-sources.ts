import type { Actor } from '../access/actor.ts';
import { someChartPlaceholder } from '../access/rights.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';

/** Text in place of a name that the reader may not know. */
export const maskText = '***';

const maskedNames = {
  space: maskText,
  chart: maskText,
  requested: maskText,
  version: maskText,
  digest: `sha256:${maskText}`,
} as const;

/** Message in place of one that may name any of the sources. */
export const maskedMessage =
  'This may name a source that you may not read. The author of the recipe sees the whole message.';

/** Chart of a space, as lists of sources have it. */
export type NamedChart = Pick<ResolvedSource, 'space' | 'chart'>;

/**
 * Lists all that a recipe may name. A recipe may name its sources, and some chart of each space in `save.from`.
 * Nothing may have been taken from such a space, but the recipe and errors name it.
 */
export function listNameableCharts(
  sources: readonly NamedChart[],
  from: readonly string[] | null,
): readonly NamedChart[] {
  return from ? [...sources, ...from.map((space) => ({ space, chart: someChartPlaceholder }))] : sources;
}

/** Creates a check for sources that an actor may not read. @returns whether a source is one of them */
export async function createHiddenSourceCheck(
  actor: Actor,
  sources: readonly NamedChart[],
): Promise<(source: NamedChart) => boolean> {
  const charts = new Map(sources.map(({ space, chart }) => [`${space}/${chart}`, { space, chart }]));
  const hidden = new Set<string>();
  await Promise.all(
    [...charts].map(async ([key, where]) => {
      if (!(await actor.may('chart.read', where))) hidden.add(key);
    }),
  );
  return ({ space, chart }) => hidden.has(`${space}/${chart}`);
}

/** Masks hidden sources; what is left of them is where the recipe has them. */
export function maskSources(
  sources: readonly ResolvedSource[],
  isHidden: (source: NamedChart) => boolean,
): ResolvedSource[] {
  return sources.map((source) => (isHidden(source) ? { ...source, ...maskedNames } : source));
}

/** Masks the text of a warning. The code and the place in the recipe are left. */
export function maskWarning({ code, pointer, place }: Warning): Warning {
  return { code, pointer, ...(place ? { place } : {}), message: maskedMessage };
}
