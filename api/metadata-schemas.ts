import { z } from '@hono/zod-openapi';
import { pageMetadata } from './schemas.ts';

// Schemas of Chart.yaml for `/openapi.json`.

const maintainer = z.looseObject({
  name: z.string().optional(),
  email: z.string().optional(),
  url: z.string().optional(),
});

const subchart: z.ZodType<Record<string, unknown>> = z.lazy(() => metadata);

/** Metadata of a version: Chart.yaml as JSON. */
export const metadata = z
  .looseObject({
    name: z.string(),
    version: z.string(),
    apiVersion: z.string().optional(),
    appVersion: z.string().optional(),
    kubeVersion: z.string().optional().openapi({ description: 'Range of versions of Kubernetes.' }),
    description: z.string().optional(),
    type: z.string().optional().openapi({ description: '`application` or `library`.' }),
    keywords: z.array(z.string()).optional(),
    home: z.string().optional(),
    sources: z.array(z.string()).optional(),
    maintainers: z.array(maintainer).optional(),
    icon: z.string().optional(),
    deprecated: z.boolean().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    condition: z.string().optional(),
    tags: z.string().optional(),
    dependencies: z
      .array(subchart)
      .optional()
      .openapi({ description: 'The charts inside it, each the same shape.' }),
  })
  .openapi('Metadata');

/** Page of metadata. */
export const metadataList = z
  .object({ metadata: pageMetadata, items: z.array(metadata) })
  .openapi('MetadataList');
