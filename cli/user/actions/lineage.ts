import type { Lineage } from '../../../client/src/index.ts';
import { formatTime } from '../display/count.ts';
import type { View } from '../display/view.ts';
import { findVersion } from '../find-version.ts';
import { formatAddress, parseChartAddress } from '../parse-address.ts';
import { sourceView } from '../recipes/send-recipe.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry lineage`. */
export interface LineageOptions {
  recipe?: boolean;
}

const lineageView: View<Lineage> = {
  columns: [
    { title: 'CHART', value: ({ plan }) => formatAddress(plan) },
    { title: 'COMPOSED', value: ({ composedAt }) => formatTime(composedAt) },
    { title: 'JOB', value: ({ job }) => job },
    { title: 'REWRITTEN SINCE', value: ({ modified }) => modified },
    { title: 'WARNINGS', value: ({ warnings }) => warnings.length },
  ],
  name: ({ plan }) => formatAddress(plan),
};

/** Runs `helm-registry lineage`: how a version was composed, or its recipe. */
export async function lineage(session: Session, text: string, { recipe }: LineageOptions): Promise<void> {
  const { output, signal } = session;
  const version = await findVersion(await session.connect(), parseChartAddress(text), signal);
  if (recipe) {
    const sent = await version.recipe({ signal });
    if (!(await output.data(sent))) output.text((await import('yaml')).stringify(sent));
    return;
  }
  const found = await version.lineage({ signal });
  if (await output.data(found)) return;
  if (output.format === 'name') return output.list(sourceView, found.sources);
  await output.one(lineageView, found);
  output.text('\n');
  await output.list(sourceView, found.sources);
}
