import type { RouteAccess } from '../access/route-access.ts';
import type { App } from '../http/env.ts';

/** Ways to say who sends a request, in the order in which clients should prefer them. */
const schemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the registry, or of a provider that a trust rule names.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'A name and its password, or any name and a token, as Helm and Docker send them.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-helm-registry',
    description: 'The session of a browser. Over plain http on loopback the cookie is `helm-registry`.',
  },
} as const;

const anyCredentials = Object.keys(schemes).map((scheme) => ({ [scheme]: [] }));

/** Rights that anonymous readers may have, in a space that everybody reads. */
const anonymousRights: readonly string[] = ['chart.read', 'job.read'];

/** Describes the credentials among the components of `/openapi.json`. */
export function registerSecuritySchemes({ openAPIRegistry }: App): void {
  for (const [name, scheme] of Object.entries(schemes))
    openAPIRegistry.registerComponent('securitySchemes', name, scheme);
}

/** Returns the credentials that a route accepts where access is guarded. An empty one means that none are needed. */
export function securityOf(access: RouteAccess): Record<string, string[]>[] {
  if ('anyone' in access) return [];
  return 'right' in access && anonymousRights.includes(access.right)
    ? [...anyCredentials, {}]
    : anyCredentials;
}
