import type { TestChart } from '../../test/support/charts.ts';

const list = <T>(length: number, make: (at: number) => T) => Array.from({ length }, (_, at) => make(at));

/** READMEs that are made to take a page long, by the names of their charts. */
const readmes: Record<string, string> = {
  elements: `${'<div>'.repeat(20_000)}x`,
  table: `|${'a|'.repeat(300)}\n|${'-|'.repeat(300)}\n${`|${'b|'.repeat(300)}\n`.repeat(500)}`,
  headings: list(20_000, (at) => `# heading ${at}\n`).join('\n'),
  images: list(5_000, (at) => `![i](img${at}.png) [l${at}](https://example.org/${at})`).join(' '),
  line: `\`\`\`yaml\n${'a: &a [*a] '.repeat(120_000)}\n\`\`\``,
  references: `${'[a][b]'.repeat(50_000)}\n\n[b]: https://example.org\n`,
  quotes: `${'>'.repeat(50_000)}x`,
  folds: '<details><summary>a</summary>'.repeat(5_000),
  emphasis: '**a '.repeat(50_000),
  tasks: '- [ ] a\n'.repeat(50_000),
  foreign: '<svg><script>1</script></svg><math><mi>'.repeat(5_000),
};

/** Charts that are made to hold up a page: READMEs, long metadata, wide values. */
export const hostileCharts: readonly TestChart[] = [
  ...Object.entries(readmes).map(([name, readme]) => ({ name, files: { 'README.md': readme } })),
  {
    name: 'metadata',
    manifest: {
      description: 'd'.repeat(50_000),
      appVersion: 'v'.repeat(5_000),
      keywords: list(3_000, (at) => `k${at}`),
      sources: list(2_000, (at) => `https://example.org/${at}`),
      dependencies: list(1_000, (at) => ({
        name: `dep${at}`,
        version: '1',
        repository: 'https://example.org',
      })),
      annotations: { 'artifacthub.io/changes': list(3_000, (at) => `- change ${at}`).join('\n') },
    },
    files: {
      'README.md': 'x',
      ...Object.fromEntries(list(3_000, (at) => [`files/d${at % 50}/${'n'.repeat(at % 80)}${at}.txt`, 'x'])),
    },
  },
  {
    name: 'values',
    values: {
      long: 'x'.repeat(300_000),
      list: list(40_000, (at) => at),
      flat: Object.fromEntries(list(10_000, (at) => [`k${at}`, at])),
    },
  },
];

/** Addresses of hostile charts, each with what is waited for. */
export const hostileVisits: readonly [path: string, selector: string][] = [
  ...Object.keys(readmes).map((name): [string, string] => [`charts/hostile/${name}`, '.markdown']),
  ['charts/hostile/metadata', '.markdown'],
  ['charts/hostile/metadata?tab=files', '.file-tree'],
  ['charts/hostile/metadata?tab=dependencies', '.table tbody tr'],
  ['charts/hostile/values?tab=values&path=%2Flong', '[role=treeitem]'],
  ['charts/hostile/values?tab=values&q=9', '[role=treeitem]'],
  ['charts/hostile/values?tab=values&view=file', '.code'],
];
