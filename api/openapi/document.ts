import { programVersion } from '../../core/runtime/package-info.ts';
import type { App } from '../http/env.ts';
import { registerHeaders } from './headers.ts';
import { registerPathParameters } from './path-parameters.ts';
import { registerSecuritySchemes } from './security.ts';
import { tags } from './tags.ts';

const description = `Stores charts as space / chart / version, and composes new charts from stored ones.

Where access is open, nobody needs credentials. Where it is guarded, requests carry a token, a name with its password, or the
cookie of a session. Every error of \`/api/v1\` has a stable \`code\` for programs and a \`message\` that says what to do. Go's bare
HTTP client gets the status as \`code\`, unless it sends \`Accept\`.`;

/** Writes `/openapi.json`: the routes that are mounted, and what they share. */
export function writeDocument(app: App): string {
  registerPathParameters(app);
  registerSecuritySchemes(app);
  registerHeaders(app);
  return JSON.stringify(
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Helm registry',
        version: programVersion,
        description,
        license: { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
        contact: { name: 'The operator of this registry' },
      },
      servers: [{ url: '/', description: 'The registry that serves this document.' }],
      tags,
    }),
  );
}
