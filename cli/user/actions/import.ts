import { open, writeFile } from 'node:fs/promises';
import { explainItemFailure } from '../archives/explain-item-failure.ts';
import { runParallel } from '../archives/run-parallel.ts';
import { summarize } from '../archives/summarize.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { View } from '../display/view.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Candidate, LeftOut } from '../import/candidate.ts';
import { chooseCandidates, type Filters } from '../import/choose-candidates.ts';
import { createFindPresent, importVersion } from '../import/import-version.ts';
import { openSource, type SourceOptions } from '../import/open-source.ts';
import { createRetryWhileRefused } from '../import/retry-while-refused.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry import`. */
export interface ImportOptions extends Filters, SourceOptions {
  parallel: number;
  dryRun?: boolean;
  report?: string;
}

/** Line of the report. */
interface Line {
  result: 'pushed' | 'signed' | 'present' | 'replaced' | 'wanted' | 'left out' | 'failed' | 'not reached';
  space: string;
  chart?: string | undefined;
  version?: string | undefined;
  digest?: string | undefined;
  from: string;
  reason?: string;
  exitCode?: ExitCode;
}

const reportView: View<Line> = {
  columns: [
    { title: 'RESULT', value: ({ result }) => result },
    { title: 'SPACE', value: ({ space }) => space },
    { title: 'CHART', value: ({ chart }) => chart },
    { title: 'VERSION', value: ({ version }) => version },
    { title: 'REASON', value: ({ reason }) => reason },
  ],
  name: ({ space, chart, version }) => `${space}/${chart ?? ''}:${version ?? ''}`,
};

/**
 * Runs `helm-registry import`. A table shows what did not come; JSON, YAML and the report have every version.
 * @throws {CommandError} with a summary where a version that is wanted is not in the registry now
 */
export async function importCharts(
  session: Session,
  source: string,
  space: string | undefined,
  options: ImportOptions,
): Promise<void> {
  const { signal, progress, output } = session;
  const client = await session.connect();
  const retry = createRetryWhileRefused(session);
  await assertWritableReport(options.report);
  progress.show(`reading ${source}`);
  const listed = await openSource(session, source, space, options, retry);
  const { chosen, leftOut } = chooseCandidates(listed.candidates, options);
  if (listed.candidates.length + listed.leftOut.length === 0) throw usageError(`${source} has no charts`);
  const skipped = [...listed.leftOut, ...leftOut].map(lineOfLeftOut);
  const findPresent = createFindPresent(client, signal, retry);
  const target = { client, findPresent, retry, signal };
  let done = 0;
  const importOne = async (candidate: Candidate): Promise<Line> => {
    progress.show(`${done} of ${chosen.length}  ${candidate.space}/${candidate.chart}:${candidate.version}`);
    try {
      const imported = await importVersion(target, candidate);
      return 'result' in imported
        ? { ...imported, from: candidate.from }
        : { result: 'left out', ...lineOfCandidate(candidate), ...imported };
    } catch (error) {
      signal.throwIfAborted();
      const { message, exitCode } = explainItemFailure(error);
      return { result: 'failed', ...lineOfCandidate(candidate), reason: message, exitCode };
    } finally {
      done += 1;
    }
  };
  const wanted = (candidate: Candidate): Line => ({ ...lineOfCandidate(candidate), result: 'wanted' });
  // Lines of an import that ends early are these as well: what was reached, and what was not.
  const lines = chosen.map(options.dryRun ? wanted : notReached);
  const entries = [...chosen.entries()];
  let reportFault: CommandError | undefined;
  try {
    if (!options.dryRun)
      await runParallel(entries, options.parallel, async ([index, candidate]) => {
        lines[index] = await importOne(candidate);
      });
  } finally {
    progress.clear();
    reportFault = await writeReport(options.report, [...lines, ...skipped]);
    if (reportFault) session.note(reportFault.message);
  }
  const all = [...lines, ...skipped];
  const isWhole = options.dryRun || output.format !== 'table';
  await output.list(reportView, isWhole ? all : all.filter(({ reason }) => reason !== undefined));
  summarize(session, 'version', all);
  if (reportFault) throw new CommandError('the import is whole but for its report');
}

/** Checks that a report can be written, before an import of hours begins. */
async function assertWritableReport(file: string | undefined): Promise<void> {
  if (file !== undefined) await (await open(file, 'a')).close();
}

/** Writes the report, if one is wanted. @returns the fault, which must not hide why an import ended */
async function writeReport(
  file: string | undefined,
  lines: readonly Line[],
): Promise<CommandError | undefined> {
  if (file === undefined) return undefined;
  try {
    await writeFile(file, `${JSON.stringify(lines, null, 2)}\n`);
    return undefined;
  } catch (error) {
    return new CommandError(
      `the report could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function notReached(candidate: Candidate): Line {
  return {
    ...lineOfCandidate(candidate),
    result: 'not reached',
    reason: 'the import ended before; run it again',
  };
}

function lineOfLeftOut({ isFault, ...line }: LeftOut): Line {
  return isFault
    ? { result: 'failed', ...line, exitCode: exitCodes.failed }
    : { result: 'left out', ...line };
}

function lineOfCandidate({ space, chart, version, digest, from }: Candidate): Omit<Line, 'result'> {
  return { space, chart, version, digest, from };
}
