import type { Author } from '../access/author.ts';
import type { AuditRecord } from '../audit/event.ts';
import { recordAuditRecords } from '../audit/record.ts';
import type { Content, Digest } from '../blobs/port.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { Transaction } from '../db/port.ts';
import { startFollows } from '../follow/start-follows.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import { addVersions } from '../registry/add-versions.ts';
import type { StagedBlob } from '../registry/blob-references.ts';
import { addLineages } from '../registry/lineage.ts';
import { createVersionExistsError } from '../registry/version-rows.ts';
import type { Job } from './job.ts';
import { replaceComposedChart } from './replace-composed.ts';
import type { EnteredStage } from './stages.ts';

/** Result of a composition. */
export interface CompositionResult {
  archive: Content;
  summary: StorableSummary;
  /** Warnings that only composing can find; the job has them besides those of its recipe. */
  warnings: Warning[];
}

/** A chart composed inline whose archive is in the store, and that no row references yet. */
export interface StagedChart extends CompositionResult {
  /** When the composition began, by `performance.now()`. */
  startedAt: number;
  /** Stages since then. */
  stages: readonly EnteredStage[];
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
  composed: CompositionResult;
  /** Author of the recipe; absent where nobody is known. */
  author: Pick<Author, 'id' | 'name'> | undefined;
  /** Digest of the archive that it replaces; such a chart is alone in its transaction. */
  replaces: Digest | undefined;
  /** Event of it, which is recorded with it. */
  audit: AuditRecord | undefined;
  /** Event in its place where the version that it would replace has the same bytes. */
  auditUnchanged?: AuditRecord | undefined;
}

/**
 * Adds composed charts with their lineage, or replaces one version, and records it.
 * The caller has locked or reserved the versions, each of them once.
 * @throws {RegistryError} `version.exists`, `version.changed`, `version.immutable`; nothing may be committed then
 */
export async function addComposedCharts(tx: Transaction, charts: readonly ChartToAdd[]): Promise<void> {
  const versions = charts.map(
    ({ spaceId, plan: { space, chart, version }, composed: { archive, summary }, author }) => ({
      spaceId,
      ref: { space, chart, version },
      content: archive,
      summary,
      author,
    }),
  );
  const lineage = charts.map(({ jobId, plan, composed: { archive } }) => ({
    jobId,
    digest: archive.digest,
    sources: storedSources(plan.root),
  }));
  const [first] = charts;
  if (first?.replaces !== undefined) {
    const [version, from] = [versions[0], lineage[0]];
    if (charts.length > 1 || !version || !from) throw new Error('a version is replaced together with others');
    return replaceComposedChart(tx, {
      ...first,
      ref: version.ref,
      content: version,
      lineage: from,
      replaces: first.replaces,
    });
  }
  const [additions] = await Promise.all([
    addVersions(tx, versions),
    addLineages(tx, lineage),
    startFollows(
      tx,
      charts.map(({ jobId }) => jobId),
    ),
  ]);
  const existing = versions.find((_, index) => additions[index]?.kind === 'exists');
  if (existing) throw await createVersionExistsError(tx, existing.ref);
  recordAuditRecords(
    tx,
    charts.map(({ audit }) => audit),
  );
}
