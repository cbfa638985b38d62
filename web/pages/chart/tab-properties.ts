import type { VersionDetails } from '@helm-registry/client';
import type { ListedItems } from '../../api/chart.ts';
import type { CleanDetails } from '../../api/clean-details.ts';
import type { LoadedData } from '../../api/use-data.ts';

/** Properties of every tab of a chart. */
export interface TabProperties {
  details: CleanDetails;
}

/** Properties of a tab that shows the versions of its chart. */
export interface VersionsTabProperties extends TabProperties {
  /** First page of all versions, which the chooser of the page shows too. */
  list: LoadedData<ListedItems<VersionDetails>>;
}
