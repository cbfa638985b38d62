import type { JsonObject } from '../../core/yaml/json.ts';
import type { Random } from '../support/random.ts';
import { keyOf, type Recipe, type Ref, type Upload } from './operations.ts';

/** Number of children of the chart `wide` with which a recipe exceeds the limits. */
const wideTimes = 7;

type Draft = Pick<Recipe, 'configs' | 'needs'> & Partial<Pick<Recipe, 'fails'>>;
type Sort = (draw: Draw) => Draft | undefined;

interface Draw {
  random: Random;
  /** Picks a chart that is uploaded before. */
  any(): Ref;
  nested: readonly Upload[];
  made: readonly Ref[];
  wide: Ref;
}

/** Makers of recipes by sort. A maker returns undefined while its sources are missing. */
const sorts: Record<string, Sort> = {
  'one chart': ({ any }) => node(any()),
  nested: ({ any, random }) => {
    const below = join(node(any()), { deep: node(any()) });
    return join(node(any(), configOf(random)), { first: node(any()), second: below });
  },
  renamed: ({ any }) => join(node(any()), { store: node(any()), 'the-other': node(any()) }),
  dependent: ({ nested, random, any }) => {
    if (nested.length === 0) return undefined;
    const parent = random.pick(nested);
    const children = Object.fromEntries(
      parent.inside.map((part) => [
        random.pick([part.chart, `own-${part.chart}`]),
        { configs: { package: { independent: false, space: parent.ref.space, ...part } }, needs: [] },
      ]),
    );
    return join(node(parent.ref), { ...children, beside: node(any()) });
  },
  config: ({ any, random }) =>
    join(node(any(), configOf(random)), { part: node(any(), configOf(random)), plain: node(any()) }),
  chain: ({ any, made, random }) =>
    made.length === 0 ? undefined : join(node(random.pick(made.slice(-8))), { next: node(any()) }),
  // Sources and recipe are valid; only the composition finds that the chart is too large.
  'too large': ({ wide }) => {
    const children = Array.from({ length: wideTimes }, (_, index) => [`part-${index}`, node(wide)]);
    return { ...join(node(wide), Object.fromEntries(children)), fails: 'archive.tooLarge' };
  },
};

/** Makes recipes of all kinds. The sources are uploaded, or made by recipes before them. */
export function makeRecipes(random: Random, count: number, uploads: readonly Upload[], wide: Ref): Recipe[] {
  const made: Ref[] = [];
  const names = Object.keys(sorts);
  return Array.from({ length: count }, (_, index) => {
    // Earlier recipes use earlier uploads, because both are sent in the same order.
    const available = uploads.slice(0, Math.max(3, Math.floor((uploads.length * index) / count)));
    const nested = available.filter(({ inside }) => inside.length > 0);
    const draw: Draw = { random, nested, made, wide, any: () => random.pick(available).ref };
    const sort = index < names.length ? (names[index] ?? 'nested') : chooseSort(random, names);
    const draft = sorts[sort]?.(draw) ?? node(draw.any());
    const ref = {
      space: random.pick(['shop', 'team']),
      chart: `made-${index % Math.ceil(count / 2)}`,
      version: index < count / 2 ? '1.0.0' : `1.1.0-rc.${index}`,
    };
    if (!draft.fails) made.push(ref);
    const values = random.pick(['merge', 'merge', 'replace', 'literal']);
    const save = { chart: ref.chart, version: ref.version, values, description: `number ${index}` };
    return { kind: 'recipe', ref, sort, save, callback: random.next() < 0.3, ...draft };
  });
}

function chooseSort(random: Random, names: readonly string[]): string {
  const name = random.pick(names);
  // Make fewer recipes that fail, because they end soon.
  return name === 'too large' && random.next() < 0.5 ? 'nested' : name;
}

function node(source: Ref, config?: JsonObject): Draft {
  const { space, chart, version } = source;
  const configs = {
    package: { independent: true, space, chart, version },
    ...(config && { _config: config }),
  };
  return { configs, needs: [keyOf(source)] };
}

function join(parent: Draft, children: Record<string, Draft>): Draft {
  const below = Object.entries(children);
  return {
    configs: {
      ...parent.configs,
      ...Object.fromEntries(below.map(([name, { configs }]) => [name, configs])),
    },
    needs: [...new Set([...parent.needs, ...below.flatMap(([, { needs }]) => needs)])],
  };
}

function configOf(random: Random): JsonObject {
  return { replicas: random.between(1, 99), image: { tag: `r${random.between(1, 999)}` }, added: ['a', 'b'] };
}
