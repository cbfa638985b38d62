import type { App } from '../http/env.ts';

interface Header {
  description: string;
  type?: 'string' | 'integer';
  example: string | number;
}

// Headers of responses that programs read. Each is described once, and a response names those that it has.
const headers = {
  'X-Request-Id': {
    description:
      'Id of the request, as the log of the registry has it. The one that was sent, if it is valid.',
    example: '5f0c8f0e-6f0b-4d0b-9a55-1f0c2b6d8e77',
  },
  Location: { description: 'Path of what was made or accepted.', example: '/api/v1/jobs/0198f3a2' },
  'Retry-After': { description: 'Seconds after which to ask again.', type: 'integer', example: 1 },
  ETag: {
    description: 'Validator of the content, for `If-None-Match`.',
    example: '"sha256:9f86d081884c7d65"',
  },
  'Content-Disposition': {
    description: 'Name under which a browser saves the file.',
    example: 'attachment; filename="shop-1.2.0.tgz"',
  },
  'Content-Range': { description: 'Which bytes these are, and of how many.', example: 'bytes 0-99/4096' },
  'Preference-Applied': { description: 'The wait that was granted.', example: 'wait=30' },
  Link: {
    description: 'Next page of a list, as `rel="next"`. For a composed chart: its job, if that has warnings.',
    example: '</api/v1/spaces?start=10&limit=10>; rel="next"',
  },
} satisfies Record<string, Header>;

/** Header of a response that `/openapi.json` describes. */
export type HeaderName = keyof typeof headers;

/** Describes every header of responses once, among the components of `/openapi.json`. */
export function registerHeaders({ openAPIRegistry }: App): void {
  for (const [name, header] of Object.entries<Header>(headers)) {
    const { description, type = 'string', example } = header;
    openAPIRegistry.registerComponent('headers', name, { description, schema: { type }, example });
  }
}

/** Adds headers to the description of a response. */
export function withHeaders<Response extends object>(response: Response, ...names: HeaderName[]) {
  return { ...response, headers: refsToHeaders(names) };
}

/** Makes the references (`$ref`) to described headers, by their names. */
export function refsToHeaders(names: readonly HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
