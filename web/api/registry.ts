import { createClient } from '@helm-registry/client';

/** Client of the registry that serves the page, with the session of the browser. */
export const registry = createClient({ url: location.origin });
