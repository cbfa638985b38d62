import type { Access } from '../access/access.ts';
import type { JobDeps } from '../jobs/jobs.ts';
import type { RegistryDeps } from '../registry/registry.ts';

/** Dependencies of the work on follows. */
export interface FollowDeps {
  jobs: JobDeps;
  registry: RegistryDeps;
  access: Access;
}
