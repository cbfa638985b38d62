import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { isMissing, run, sources, tools } from './tools.ts';

let registry: TestRegistry;
let text = '';
beforeAll(async () => {
  registry = await startRegistry();
  text = await (await fetch(`${registry.url}/openapi.json`)).text();
});
afterAll(() => registry.close());

const operation = z.looseObject({
  operationId: z.string().regex(/^[a-z]+[A-Z][A-Za-z]+$/),
  description: z.string().min(1),
  tags: z.array(z.string()).length(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  requestBody: z.looseObject({ required: z.boolean() }).optional(),
  responses: z.looseObject({
    default: z.looseObject({ headers: z.looseObject({ 'X-Request-Id': z.unknown() }) }),
  }),
});
const shape = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  webhooks: z.record(z.string(), z.unknown()),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

function readOperations() {
  return Object.values(shape.parse(JSON.parse(text)).paths).flatMap((path) => Object.values(path));
}

it('names and describes every operation, with its credentials and its other errors', () => {
  const ids = readOperations().map(({ operationId }) => operationId);
  expect(ids.length).toBeGreaterThan(90);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(['listSpaces', 'uploadChart', 'composeChart', 'getJob']));
});

it('names recursive schemas, and refers to them from themselves', () => {
  const { schemas } = shape.parse(JSON.parse(text)).components;
  for (const name of ['RecipeNode', 'PlanNode', 'Metadata'])
    expect(JSON.stringify(schemas[name]), name).toContain(`"#/components/schemas/${name}"`);
});

it('describes the calls of webhooks', () => {
  const { webhooks } = shape.parse(JSON.parse(text));
  expect(Object.keys(webhooks)).toEqual(expect.arrayContaining(['job.succeeded', 'version.published']));
});

it('the document is written once', async () => {
  const again = await (await fetch(`${registry.url}/openapi.json`)).text();
  expect(again).toBe(text);
});

describe.skipIf(isMissing('lint'))('lint by redocly, which .ci/servers installs', () => {
  it('the lint of the document finds nothing', { timeout: 240_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'helm-registry-openapi-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'openapi.json'), text);
    const redocly = join(tools, 'node_modules/@redocly/cli/bin/cli.js');
    const config = `--config=${join(sources, 'redocly.yaml')}`;
    const printed = await run(
      folder,
      process.execPath,
      redocly,
      'lint',
      config,
      '--format=json',
      'openapi.json',
    );
    expect(JSON.parse(printed)).toMatchObject({ totals: { errors: 0, warnings: 0, ignored: 0 } });
  });
});
