import { explainItemFailure } from '../archives/explain-item-failure.ts';
import { findArchives } from '../archives/find-archives.ts';
import { type PushedVersion, pushArchive } from '../archives/push-archive.ts';
import { runParallel } from '../archives/run-parallel.ts';
import { summarize } from '../archives/summarize.ts';
import type { View } from '../display/view.ts';
import type { ExitCode } from '../exit-codes.ts';
import { formatAddress, parseSpace } from '../parse-address.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry push`. */
export interface PushOptions {
  replace?: boolean;
  parallel: number;
}

/** Outcome of one archive. */
type Outcome =
  | ({ file: string } & PushedVersion)
  | { file: string; result: 'failed'; error: string; exitCode: ExitCode };

const pushView: View<Outcome> = {
  columns: [
    { title: 'RESULT', value: ({ result }) => result },
    { title: 'CHART', value: (row) => ('chart' in row ? formatAddress(row) : undefined) },
    { title: 'FILE', value: ({ file }) => file },
    { title: 'ERROR', value: (row) => ('error' in row ? row.error : undefined) },
  ],
  name: (row) => ('chart' in row ? formatAddress(row) : ''),
};

/** Runs `helm-registry push`. @throws {CommandError} with a summary where an archive is not in the registry now */
export async function push(
  session: Session,
  spaceName: string,
  paths: readonly string[],
  { replace = false, parallel }: PushOptions,
): Promise<void> {
  const space = (await session.connect()).space(parseSpace(spaceName));
  const archives = await findArchives(paths);
  let done = 0;
  const outcomes = await runParallel(archives, parallel, async (archive): Promise<Outcome> => {
    session.progress.show(`${done} of ${archives.length}  ${archive.file}`);
    try {
      return {
        file: archive.file,
        ...(await pushArchive(space, archive, { replace, signal: session.signal })),
      };
    } catch (error) {
      session.signal.throwIfAborted();
      const { message, exitCode } = explainItemFailure(error);
      return { file: archive.file, result: 'failed', error: message, exitCode };
    } finally {
      done += 1;
    }
  });
  session.progress.clear();
  const shown = session.output.format === 'name' ? outcomes.filter((row) => 'chart' in row) : outcomes;
  await session.output.list(pushView, shown);
  summarize(session, 'archive', outcomes);
}
