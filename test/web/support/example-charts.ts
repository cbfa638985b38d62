import type { TestChart } from '../../support/charts.ts';
import type { TestRegistry } from '../../support/registry.ts';

/** PNG of one pixel. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const readme = `# Shop

A shop with a [database](docs/database.md), its [values](values.yaml) and a [home](https://example.org/shop).
See [how to install](#install), or [a file that is not there](missing.md).

![Build](https://badges.example.org/build.svg) ![Map](docs/map.png)

## Install

\`\`\`sh
helm install shop oci://example.org/shop --set replicas=2 # two of them
\`\`\`

## Values

| Key | Default | Meaning |
|---|---|---|
| \`replicas\` | \`1\` | How many run |
| \`db.auth.name\` | \`shop\` | Name of the database |

- [x] done
- [ ] open

### Details

<details><summary>More</summary>

Hidden text.

</details>
`;

const values = `## @section Common

# -- How many run
replicas: 1
image:
  ## @param image.tag Tag of the image
  tag: "1.0" # may be any
  pullPolicy: IfNotPresent
hosts:
  - name: shop.example.org
    paths: [/]
annotations:
  app.kubernetes.io/part-of: shop
db:
  auth:
    name: shop
`;

const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['replicas'],
  properties: {
    replicas: { type: 'integer', minimum: 1, default: 1, description: 'Number of pods that run' },
    image: {
      type: 'object',
      properties: { pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'], description: 'When to pull' } },
    },
  },
};

const deployment = `{{- /*
Runs the shop.
*/}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
`;

const database: TestChart = {
  name: 'database',
  version: '2.1.0',
  manifest: { description: 'A database', type: 'application' },
  values: { auth: { name: 'main', password: '' }, port: 5432 },
  files: {
    'templates/service.yaml': 'kind: Service\n',
    'values.schema.json': JSON.stringify({
      properties: { port: { type: 'integer', maximum: 65535, description: 'Port of the database' } },
    }),
  },
};

/** Chart with all that a page can show. */
export function shopChart(version: string, tag = '1.0'): TestChart {
  return {
    name: 'shop',
    version,
    manifest: {
      description: 'A shop with its database',
      appVersion: '7.2',
      kubeVersion: '>=1.25.0-0',
      home: 'https://example.org/shop',
      icon: 'docs/map.png',
      sources: ['https://example.org/shop.git', 'https://example.org/charts'],
      keywords: ['shop', 'trade'],
      maintainers: [
        { name: 'Ana', email: 'ana@example.org' },
        { name: 'Ben', url: 'https://example.org/ben' },
      ],
      dependencies: [
        {
          name: 'database',
          version: '2.x',
          repository: 'https://charts.example.org',
          alias: 'db',
          condition: 'db.enabled',
        },
      ],
      annotations: {
        'artifacthub.io/license': 'Apache-2.0',
        'artifacthub.io/changes':
          '- kind: added\n  description: A second database\n- kind: security\n  description: Newer base',
        'artifacthub.io/links': '- name: Handbook\n  url: https://example.org/handbook',
        'artifacthub.io/images': '- name: shop\n  image: example.org/shop:7.2',
      },
    },
    files: {
      'README.md': readme,
      'values.yaml': values.replace('"1.0"', JSON.stringify(tag)),
      'values.schema.json': JSON.stringify(schema, null, 2),
      LICENSE: 'Apache License 2.0\n',
      'docs/database.md': '# Database\n\nBack to the [README](../README.md).\n',
      'docs/map.png': png,
      'templates/deployment.yaml': deployment,
      'templates/_helpers.tpl': '{{- define "shop.name" -}}shop{{- end -}}\n',
      'templates/NOTES.txt': 'The shop is at {{ .Release.Name }}.\n',
      'templates/tests/check.yaml': 'kind: Pod\n',
      'crds/shops.yaml': 'kind: CustomResourceDefinition\n',
    },
    subcharts: [database],
  };
}

/** Fills a registry with versions of a shop and of its database. A third chart is composed of both. */
export async function uploadExamples(registry: TestRegistry): Promise<void> {
  for (const chart of [shopChart('1.0.0'), shopChart('1.1.0', '1.1'), shopChart('1.2.0-rc.1'), database]) {
    await expectCreated(registry.upload('demo', chart));
  }
  const source = (chart: string, version: string) => ({
    package: { independent: true, space: 'demo', chart, version },
  });
  const recipe = {
    save: { chart: 'mall', version: '1.0.0', description: 'A mall of shops' },
    configs: { ...source('shop', '1.0.0'), _config: { replicas: 3 }, store: source('database', '^2') },
  };
  await expectCreated(registry.orchestrate('demo', recipe));
  // The range of the recipe means this one from now on.
  await expectCreated(registry.upload('demo', { ...database, version: '2.2.0' }));
}

async function expectCreated(sent: Promise<Response>): Promise<void> {
  const response = await sent;
  if (response.status !== 201) throw new Error(await response.text());
}
