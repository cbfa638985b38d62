import type { ComposedState, ComposedStateName } from '../../../client/src/index.ts';
import type { View } from '../display/view.ts';
import { formatAddress, parseSpace } from '../parse-address.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry outdated`. */
export interface OutdatedOptions {
  state: ComposedStateName | 'all';
  allVersions?: boolean;
}

const composedStateView: View<ComposedState> = {
  columns: [
    { title: 'CHART', value: formatAddress },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'NEWER', value: ({ newer }) => newer },
    { title: 'SOURCES', value: describeSources },
  ],
  name: formatAddress,
};

/** Runs `helm-registry outdated`. */
export async function outdated(
  session: Session,
  space: string | undefined,
  { state, allVersions = false }: OutdatedOptions,
): Promise<void> {
  const { output, signal } = session;
  const client = await session.connect();
  const filter = {
    ...(space === undefined ? {} : { space: parseSpace(space) }),
    ...(state === 'all' ? {} : { state }),
    versions: allVersions ? 'all' : 'highest',
  } as const;
  const found: ComposedState[] = [];
  for await (const composed of client.outdated(filter, { signal })) found.push(composed);
  await output.list(composedStateView, found);
}

/** Renders the sources that have changed, each with what it would be now. */
function describeSources({ sources, hidden }: ComposedState): string {
  const changed = sources.flatMap((source) => {
    const { now, newer = {} } = source;
    const higher = newer.major ?? newer.minor ?? newer.patch;
    const next = source.outdated ? (now?.version ?? 'gone') : higher?.version;
    return next === undefined ? [] : [`${formatAddress(source)} -> ${next}`];
  });
  return [...changed, ...(hidden > 0 ? [`${hidden} hidden`] : [])].join(', ');
}
