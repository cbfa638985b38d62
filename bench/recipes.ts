// Recipes that bench/compose.ts measures.

/** Node of a recipe. */
export type Node = Record<string, unknown>;

/**
 * Makes a node of a recipe from a chart of the folder, given by name, or by its place in order of size: 0 is the
 * smallest, 1 the largest.
 */
export type MakeNode = (chart: string | number, config?: Node, children?: Record<string, Node>) => Node;

/** Recipes by name. `run` makes each configuration another one. */
export const recipes: [name: string, configs: (node: MakeNode, run: number) => Node][] = [
  ['one, no configuration', (node) => node('nginx')],
  [
    'one, configured',
    (node, run) => node('nginx', { replicaCount: 2 + run, service: { type: 'ClusterIP' } }),
  ],
  [
    'three, no configuration',
    (node) => node('redis', undefined, { db: node('postgresql'), web: node('nginx') }),
  ],
  [
    'three, configured',
    (node, run) =>
      node(
        'redis',
        { replica: { replicaCount: 5 + run } },
        {
          db: node('postgresql', { auth: { database: `shop${run}` } }),
          web: node('nginx', { service: { type: 'ClusterIP' } }),
        },
      ),
  ],
  [
    'six, nested',
    (node, run) =>
      node(
        'wordpress',
        { replicaCount: 2 + run },
        {
          common: node('common'),
          db: node('mariadb', { auth: { database: `shop${run}` } }, { common: node('common') }),
          memcached: node('memcached', undefined, { common: node('common') }),
        },
      ),
  ],
  ['one small', (node, run) => node('prometheus-blackbox-exporter', { replicas: 2 + run })],
  ['the smallest, configured', (node, run) => node(0, { replicas: run })],
  ['the largest, with a key of its own', (node, run) => node(1, { index: run })],
  [
    'a middle one with four small children',
    (node, run) =>
      node(
        0.5,
        { index: run },
        {
          a: node(0, { index: run + 1 }),
          b: node(0.1),
          c: node(0.2, { nameOverride: 'c' }),
          d: node(0.3, { index: run }),
        },
      ),
  ],
];
