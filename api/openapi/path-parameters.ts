import type { App } from '../http/env.ts';

interface Description {
  description: string;
  example: string;
  pattern?: string;
  format?: string;
}

const namePattern = '^[a-zA-Z0-9][a-zA-Z0-9_-]*$';
const chartNamePattern = '^[a-zA-Z0-9][a-zA-Z0-9._-]*$';
const uuid = { format: 'uuid', example: '0198f3a2-7c41-7d3e-9a55-1f0c2b6d8e77' };

// Path parameters of all routes. A name means the same in every path.
const descriptions: Record<string, Description> = {
  space: { description: 'Name of the space.', pattern: namePattern, example: 'platform' },
  chart: { description: 'Name of the chart.', pattern: chartNamePattern, example: 'shop' },
  version: { description: 'Version of the chart, by SemVer 2.', example: '1.2.0' },
  other: { description: 'Version that it is compared with.', example: '1.3.0' },
  path: {
    description: 'Path of the file in the archive, slashes included.',
    example: 'templates/deployment.yaml',
  },
  file: { description: 'Name of the archive, or of its provenance file.', example: 'shop-1.2.0.tgz' },
  id: { description: 'Id of the job.', ...uuid },
  delivery: { description: 'Id of the delivery.', ...uuid },
  webhook: { description: 'Id of the webhook.', ...uuid },
  run: { description: 'Id of the run of retention.', ...uuid },
  number: { description: 'Number of the run of a mirror.', pattern: '^\\d+$', example: '42' },
  token: { description: 'Id of the token, which is not secret.', example: '3f9c2a7be1d04856' },
  rule: { description: 'Id of the trust rule.', example: '3f9c2a7be1d04856' },
  user: { description: 'Name of the user.', example: 'ada' },
  group: { description: 'Name of the group.', example: 'platform-team' },
  account: { description: 'Name of the service account.', example: 'ci' },
  principal: { description: 'Principal as the list of members names it.', example: 'user:ada' },
};

/** Describes every path parameter once, among the components of `/openapi.json`. */
export function registerPathParameters({ openAPIRegistry }: App): void {
  for (const [parameter, { description, example, ...schema }] of Object.entries(descriptions)) {
    const content = { description, example, required: true, schema: { type: 'string' as const, ...schema } };
    openAPIRegistry.registerComponent('parameters', componentOf(parameter), {
      name: parameter,
      in: 'path',
      ...content,
    });
  }
}

/**
 * Refers to the described parameters of a path.
 * @throws {Error} that names a parameter without a description: such a program does not start
 */
export function pathParametersOf(path: string): { $ref: string }[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => {
    if (!Object.hasOwn(descriptions, parameter))
      throw new Error(`the path parameter ${parameter} of ${path} has no description`);
    return { $ref: `#/components/parameters/${componentOf(parameter)}` };
  });
}

function componentOf(parameter: string): string {
  return `${parameter.charAt(0).toUpperCase()}${parameter.slice(1)}InPath`;
}
