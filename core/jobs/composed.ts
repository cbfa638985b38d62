import type { RequestFacts } from '../access/actor.ts';
import { type AuditRecord, toRecord } from '../audit/event.ts';
import { recordAll } from '../audit/record.ts';
import type { Content } from '../blobs/port.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { Transaction } from '../db/port.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import { addVersions } from '../registry/add-versions.ts';
import type { StagedBlob } from '../registry/blob-references.ts';
import { addLineages } from '../registry/lineage.ts';
import { explainExisting } from '../registry/version-rows.ts';
import type { EndCheck } from './end-rights.ts';
import type { Job } from './job.ts';

/** Result of a composition. */
export interface ComposedChart {
  archive: Content;
  summary: StorableSummary;
  /** Warnings that only composing can find; the job has them besides those of its recipe. */
  warnings: Warning[];
}

/** A chart composed inline whose archive is in the store, and that no row references yet. */
export interface StagedChart extends ComposedChart {
  /** When the composition began, by `performance.now()`. */
  startedAt: number;
  blob: StagedBlob;
  /** Releases the composition slot; called when the chart is stored or given up. */
  release: () => void;
}

/** A job that a transaction has ended, and the ids of the deliveries to enqueue after the commit. */
export interface EndedJob {
  job: Job;
  deliveries: string[];
}

/** A composed chart to add: its space, and the job whose row has the recipe and the plan. */
export interface ChartToAdd {
  spaceId: number;
  jobId: string;
  plan: Plan<Configuration>;
  composed: ComposedChart;
  /** Its author, whose rights were checked; undefined with open access. */
  maker?: EndCheck | undefined;
  /** Request that waits for it, if it is composed inline. */
  request?: RequestFacts | undefined;
}

/**
 * Adds the versions and the lineage of composed charts.
 * The caller has locked or reserved the versions, each of them once.
 * @throws {RegistryError} `version.exists`; nothing may be committed then
 */
export async function addComposedCharts(tx: Transaction, charts: readonly ChartToAdd[]): Promise<void> {
  const versions = charts.map(
    ({ spaceId, plan: { space, chart, version }, composed: { archive, summary }, maker }) => ({
      spaceId,
      ref: { space, chart, version },
      content: archive,
      summary,
      author: maker && !maker.refusal ? maker.author : undefined,
    }),
  );
  const lineage = charts.map(({ jobId, plan, composed: { archive } }) => ({
    jobId,
    digest: archive.digest,
    sources: storedSources(plan.root),
  }));
  const [additions] = await Promise.all([addVersions(tx, versions), addLineages(tx, lineage)]);
  const existing = versions.find((_, index) => additions[index]?.kind === 'exists');
  if (existing) throw await explainExisting(tx, existing.ref);
  recordAll(tx, charts.map(publishedRecord));
}

/** Makes the audit record of a composed version; undefined with open access. */
function publishedRecord({ jobId, plan, composed, maker, request }: ChartToAdd): AuditRecord | undefined {
  if (!maker || maker.refusal || !maker.caller) return undefined;
  const { space, chart, version } = plan;
  return toRecord(maker.caller, request ?? { door: 'worker' }, {
    action: 'version.publish',
    right: 'chart.publish',
    ...{ space, chart, version, jobId },
    digests: { after: composed.archive.digest },
  });
}
