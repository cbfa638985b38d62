import { z } from '@hono/zod-openapi';
import { RegistryError } from '../../core/errors.ts';

/** Query of a request that may be a dry run. */
export const dryRunParameters = z.object({
  dryRun: z
    .enum(['true', 'false'], 'expected true or false')
    .optional()
    .openapi({ type: 'boolean', description: 'Answers what the recipe would make, and stores nothing.' }),
  against: z
    .string()
    .optional()
    .openapi({
      description:
        'Version of the chart, or `latest`, with which a dry run compares its result. Without it the result is ' +
        'compared with the version that it would replace, if there is one.',
    }),
});

/** Dry run that a request asks for, if it does. */
export interface RequestedDryRun {
  dryRun: boolean;
  /** Version that the result is compared with, or `latest`. */
  against: string | undefined;
}

/** Reads the query of a request that may be a dry run. @throws {RegistryError} `request.invalid` */
export function readDryRun({ dryRun, against }: z.output<typeof dryRunParameters>): RequestedDryRun {
  const isDryRun = dryRun === 'true';
  if (isDryRun || against === undefined) return { dryRun: isDryRun, against };
  throw new RegistryError('request.invalid', 'against is for dry runs: add dryRun=true.', {
    parameter: 'against',
  });
}
