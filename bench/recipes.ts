// The recipes that bench/compose.ts measures, as people write them.

export type Node = Record<string, unknown>;

/** Makes a node of a recipe for a chart of the folder. */
export type MakeNode = (chart: string, config?: Node, children?: Record<string, Node>) => Node;

export const recipes: [name: string, configs: (node: MakeNode) => Node][] = [
  ['one, no configuration', (node) => node('nginx')],
  ['one, configured', (node) => node('nginx', { replicaCount: 2, service: { type: 'ClusterIP' } })],
  [
    'three, no configuration',
    (node) => node('redis', undefined, { db: node('postgresql'), web: node('nginx') }),
  ],
  [
    'three, configured',
    (node) =>
      node(
        'redis',
        { replica: { replicaCount: 5 } },
        {
          db: node('postgresql', { auth: { database: 'shop' } }),
          web: node('nginx', { service: { type: 'ClusterIP' } }),
        },
      ),
  ],
  [
    'six, nested',
    (node) =>
      node(
        'wordpress',
        { replicaCount: 2 },
        {
          common: node('common'),
          db: node('mariadb', { auth: { database: 'shop' } }, { common: node('common') }),
          memcached: node('memcached', undefined, { common: node('common') }),
        },
      ),
  ],
  ['one small', (node) => node('prometheus-blackbox-exporter', { replicas: 2 })],
];
