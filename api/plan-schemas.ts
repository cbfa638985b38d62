import { z } from '@hono/zod-openapi';

// Schemas of plans for `/openapi.json`.

const storedSource = z
  .object({
    kind: z.literal('stored'),
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    digest: z.string(),
  })
  .openapi('StoredSource', { description: 'A stored version.' });

const innerSource = z
  .object({ kind: z.literal('subchart'), chart: z.string(), version: z.string() })
  .openapi('SubchartSource', { description: 'A subchart inside the source of the parent node.' });

const noSource = z
  .object({ kind: z.literal('umbrella') })
  .openapi('UmbrellaSource', { description: 'No source: the root of an umbrella.' });

const innerPart: z.ZodType<Record<string, unknown>> = z.lazy(() => plannedPart);

const plannedPart = z
  .object({
    source: storedSource,
    entries: z.array(z.object({ name: z.string(), range: z.string() })),
    parts: z.array(innerPart).optional().openapi({ description: 'Parts that its own archive lacks.' }),
  })
  .openapi('PlannedPart', { description: 'Stored version in the place of a missing part.' });

const child: z.ZodType<Record<string, unknown>> = z.lazy(() => planNode);

const planNode = z
  .object({
    source: z.discriminatedUnion('kind', [storedSource, innerSource, noSource]),
    keep: z.boolean().optional().openapi({ description: 'Whether other subcharts of the source stay.' }),
    parts: z.array(plannedPart).optional(),
    config: z
      .unknown()
      .optional()
      .openapi({ type: 'object', additionalProperties: {}, description: 'Values from the recipe.' }),
    children: z.array(z.object({ name: z.string(), node: child })),
  })
  .openapi('PlanNode');

const planFields = {
  space: z.string(),
  chart: z.string(),
  version: z.string(),
  description: z.string().optional(),
  values: z.enum(['merge', 'replace', 'literal']),
};

/** Plan: a tree of nodes with exact sources. */
export const plan = z.looseObject({ ...planFields, root: planNode }).openapi('Plan');

/** Plan of a lineage, whose tree is empty for readers who may not read all that it names. */
export const lineagePlan = z
  .looseObject({ ...planFields, root: z.union([planNode, z.strictObject({})]) })
  .openapi('LineagePlan');
