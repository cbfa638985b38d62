import type { FullVersionDetails } from '@helm-registry/client';

/** Properties of every tab of a chart. */
export interface TabProperties {
  details: FullVersionDetails;
}
