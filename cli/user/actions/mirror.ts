import type { Mirror, MirrorOutcome, MirrorResult, MirrorRun } from '../../../client/src/index.ts';
import { usageError } from '../command-error.ts';
import { formatTime } from '../display/count.ts';
import type { View } from '../display/view.ts';
import { formatAddress, parseSpace } from '../parse-address.ts';
import type { Session } from '../session/session.ts';
import { readItems } from './list.ts';

/** Runs `helm-registry mirror runs`. */
export async function listRuns(session: Session, space: string, { limit }: { limit: number }): Promise<void> {
  const client = await session.connect();
  const runs = client.space(parseSpace(space)).mirror.runs({ signal: session.signal });
  await session.output.list(runView, await readItems(runs, limit));
}

/** Options of `helm-registry mirror results`. */
export interface MirrorResultOptions {
  run?: number;
  outcome?: MirrorOutcome;
  limit?: number;
}

/** Runs `helm-registry mirror results`: those of a run, or of the newest one. */
export async function listResults(
  session: Session,
  text: string,
  { run, outcome, limit }: MirrorResultOptions,
): Promise<void> {
  const { output, signal } = session;
  const space = parseSpace(text);
  const { mirror } = (await session.connect()).space(space);
  const number = run ?? (await mirror.get({ signal })).run?.number;
  if (number === undefined) throw usageError(`the mirror of ${space} has had no run yet`);
  const results = mirror.results(number, outcome && { outcome }, { signal });
  await output.list(resultView(space), await readItems(results, limit));
}

/** Runs `helm-registry mirror run`. */
export async function requestMirrorRun({ connect, output, signal }: Session, space: string): Promise<void> {
  const { mirror } = (await connect()).space(parseSpace(space));
  await output.one(mirrorView, await mirror.run({ signal }));
}

const runView: View<MirrorRun> = {
  columns: [
    { title: 'RUN', value: ({ number }) => number },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'STARTED', value: ({ startedAt }) => formatTime(startedAt) },
    { title: 'FINISHED', value: ({ finishedAt }) => formatTime(finishedAt) },
    { title: 'VERSIONS', value: ({ counts }) => describeCounts(counts) },
    { title: 'TRIED AGAIN', value: ({ retryAt }) => formatTime(retryAt) },
    { title: 'ERROR', value: ({ error }) => error?.message },
  ],
  name: ({ number }) => String(number),
};

function describeCounts(counts: MirrorRun['counts']): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

const resultView = (space: string): View<MirrorResult> => ({
  columns: [
    { title: 'CHART', value: ({ chart }) => chart },
    { title: 'VERSION', value: ({ version }) => version },
    { title: 'OUTCOME', value: ({ outcome }) => outcome },
    { title: 'RETRIED', value: ({ retries }) => retries },
    { title: 'REASON', value: ({ error, upstreamDigest }) => error?.message ?? upstreamDigest },
  ],
  name: ({ chart, version }) => formatAddress({ space, chart, version }),
});

const mirrorView: View<Mirror> = {
  columns: [
    { title: 'SPACE', value: ({ space }) => space },
    { title: 'UPSTREAM', value: ({ url }) => url },
    { title: 'NEWEST RUN', value: ({ run }) => run?.state },
    { title: 'NEXT RUN', value: ({ dueAt }) => formatTime(dueAt) },
  ],
  name: ({ space }) => space,
};
