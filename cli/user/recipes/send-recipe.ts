import type { DryRun, JobHandle, ResolvedSource } from '../../../client/src/index.ts';
import type { View } from '../display/view.ts';
import { formatAddress } from '../parse-address.ts';
import type { Session } from '../session/session.ts';
import { waitForJob } from './follow-job.ts';
import { composedJobView, jobView, writeWarnings } from './job-view.ts';
import { parseSet, type SetValue } from './parse-set.ts';

/** Options of commands that send a recipe. */
export interface RecipeOptions {
  wait?: boolean;
  timeout?: number;
  dryRun?: boolean;
  /** Pairs of `--set` and `--set-string`. */
  set: readonly string[];
  setString: readonly string[];
}

/** Parses the values of `--set` and `--set-string`. @throws {CommandError} for what is not a pair */
export function parseSetOptions({ set, setString }: Pick<RecipeOptions, 'set' | 'setString'>): SetValue[] {
  return [...set.map((pair) => parseSet(pair)), ...setString.map((pair) => parseSet(pair, true))];
}

/** Default of `--timeout`, in milliseconds. */
export const defaultTimeoutMs = 300_000;

/** Way to show the sources of a recipe. */
export const sourceView: View<ResolvedSource> = {
  columns: [
    { title: 'SOURCE', value: formatAddress },
    { title: 'REQUESTED', value: ({ requested }) => requested },
    { title: 'DIGEST', value: ({ digest }) => digest },
    { title: 'POINTER', value: ({ pointer }) => pointer },
  ],
  name: formatAddress,
};

/** Shows the job that a recipe became; with `--wait` or `--timeout` once it is over. @throws as `waitForJob` */
export async function showJob(session: Session, handle: JobHandle, options: RecipeOptions): Promise<void> {
  const { output } = session;
  if (!options.wait && options.timeout === undefined) {
    await output.one(jobView, handle.job);
    return writeWarnings(session, handle.job.warnings);
  }
  const job = await waitForJob(session, handle, { timeoutMs: options.timeout ?? defaultTimeoutMs });
  session.progress.clear();
  await output.one(composedJobView, job);
  writeWarnings(session, job.warnings);
}

/** Shows what a recipe would make. */
export async function showDryRun(session: Session, dryRun: DryRun): Promise<void> {
  const { output, note } = session;
  if (!(await output.data(dryRun))) {
    if (output.format === 'name') output.text(`${formatAddress(dryRun)}\n`);
    else await output.list(sourceView, dryRun.sources);
  }
  writeWarnings(session, dryRun.warnings);
  note(`would ${dryRun.replaces ? 'replace' : 'make'} ${formatAddress(dryRun)}; nothing is stored`);
}
