import { createExtendedList, type List, type Page, type PageBody } from '../lists/list.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Follow, FollowRun, WantedFollow } from '../types/follows.ts';

/** Follow of a chart. */
export interface FollowClient {
  /** Reads settings and state. @throws {RegistryError} `follow.notFound` */
  get(options?: CallOptions): Promise<Follow>;
  /** Follows the sources of a composed chart, with the rights of the caller, or changes how. */
  set(wanted?: WantedFollow, options?: CallOptions): Promise<Follow>;
  /** Ends the follow; the versions that it made stay. */
  end(options?: CallOptions): Promise<void>;
  /** Compositions so far, the newest first. */
  runs(options?: CallOptions): List<FollowRun>;
}

type FollowWithRuns = Follow & PageBody<FollowRun>;

/** Creates the client of the follow of a chart. */
export function createFollow(transport: Transport, chartPath: string): FollowClient {
  const path = `${chartPath}/follow`;
  return {
    get: async (options) => withoutRuns(await transport.json({ ...options, path })),
    set: async (wanted = {}, options) =>
      withoutRuns(await transport.json({ ...options, method: 'PUT', path, body: jsonBody(wanted) })),
    end: (options) => transport.done({ ...options, method: 'DELETE', path }),
    runs: (options) =>
      createExtendedList<FollowRun, Page<FollowRun>, FollowWithRuns>(
        transport,
        { ...options, path },
        (_, page) => page,
      ),
  };
}

function withoutRuns({ metadata: _, items: __, ...follow }: FollowWithRuns): Follow {
  return follow;
}
