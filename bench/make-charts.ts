import { packChart } from '../test/support/charts.ts';
import { createRandom, type Random } from '../test/support/random.ts';

const words =
  'name value spec labels metadata container image port volume mount include template if end with range'
    .split(' ')
    .concat([
      'selector',
      'replicas',
      'service',
      'ingress',
      'secret',
      'config',
      'enabled',
      'default',
      'toYaml',
    ]);

/**
 * Makes charts of the size of public ones, 10 to 150 KB packed. The charts have many templates, long values, some
 * with subcharts.
 */
export function makeCharts(count: number): Promise<Buffer[]> {
  const random = createRandom(1);
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const size = 1 + (index % 5) * 3;
      const subcharts = index % 2 === 0 ? [] : ['log', 'cache'].map((name) => chart(random, name, 2));
      return packChart({ ...chart(random, `chart-${index}`, size), subcharts });
    }),
  );
}

function chart(random: Random, name: string, size: number) {
  const template = (_: unknown, index: number): [string, string] => [
    `templates/part-${index}.yaml`,
    text(random, 2_000),
  ];
  const values = Object.fromEntries(
    Array.from({ length: size * 20 }, (_, index) => [
      `key-${index}`,
      { enabled: true, text: text(random, 8) },
    ]),
  );
  return {
    name,
    values,
    files: {
      ...Object.fromEntries(Array.from({ length: size * 2 }, template)),
      'README.md': text(random, 3_000),
    },
  };
}

function text(random: Random, length: number): string {
  return Array.from({ length }, (_, index) =>
    index % 9 === 8 ? `${random.between(0, 9_999)}\n` : random.pick(words),
  ).join(' ');
}
