import { z } from 'zod';

// Shapes of resources that Kubernetes itself does not know, with the keys that the chart uses, and no others.

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string());
const metadata = z.strictObject({ name, namespace: z.string(), labels, annotations: labels.optional() });
const interval = z.string().regex(/^\d+(ms|[smhd])$/);
const rule = z
  .strictObject({
    alert: z.string().optional(),
    record: z.string().optional(),
    expr: z.string(),
    for: interval.optional(),
    keep_firing_for: interval.optional(),
    labels: labels.optional(),
    annotations: labels.optional(),
  })
  .refine(({ alert, record }) => (alert === undefined) !== (record === undefined));

/** Schemas by apiVersion and kind. */
const shapes: Record<string, z.ZodType> = {
  'gateway.networking.k8s.io/v1 HTTPRoute': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      parentRefs: z.array(
        z.strictObject({
          name,
          namespace: name.optional(),
          sectionName: name.optional(),
          port: z.number().optional(),
        }),
      ),
      hostnames: z.array(z.string().regex(/^(\*\.)?[a-z0-9.-]+$/)).min(1),
      rules: z.array(
        z.strictObject({
          matches: z.array(
            z.strictObject({
              path: z.strictObject({ type: z.literal('PathPrefix'), value: z.literal('/') }),
            }),
          ),
          filters: z.array(z.looseObject({ type: z.string() })).optional(),
          backendRefs: z.array(z.strictObject({ name, port: z.number() })),
        }),
      ),
    }),
  }),
  'monitoring.coreos.com/v1 ServiceMonitor': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      selector: z.strictObject({ matchLabels: labels }),
      namespaceSelector: z.strictObject({ matchNames: z.array(z.string()) }),
      podTargetLabels: z.array(z.string()),
      endpoints: z.array(z.strictObject({ port: z.string(), interval })),
    }),
  }),
  'monitoring.coreos.com/v1 PrometheusRule': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      groups: z.array(
        z.strictObject({ name: z.string(), interval: interval.optional(), rules: z.array(rule) }),
      ),
    }),
  }),
};

/** Tells whether a resource is one of these. */
export function isCustom({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return Object.hasOwn(shapes, `${apiVersion} ${kind}`);
}

/** Checks a resource by its shape. @throws {z.ZodError} that says what is wrong */
export function checkCustom(resource: { apiVersion: string; kind: string }): void {
  shapes[`${resource.apiVersion} ${resource.kind}`]?.parse(resource);
}
