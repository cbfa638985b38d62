import type { FoundChart, SearchQuery } from '../../../client/src/index.ts';
import { formatTime } from '../display/count.ts';
import type { View } from '../display/view.ts';
import { formatAddress, parseSpace } from '../parse-address.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry search`. */
export interface SearchOptions {
  space?: string;
  keyword?: string;
  type?: string;
  signed?: boolean;
  sort?: NonNullable<SearchQuery['sort']>;
  limit: number;
}

const foundChartView: View<FoundChart> = {
  columns: [
    { title: 'CHART', value: ({ space, chart }) => formatAddress({ space, chart }) },
    { title: 'LATEST', value: ({ version }) => version },
    { title: 'APP VERSION', value: ({ appVersion }) => appVersion },
    { title: 'UPDATED', value: ({ updatedAt }) => formatTime(updatedAt) },
    { title: 'DESCRIPTION', value: ({ description }) => description },
  ],
  name: ({ space, chart }) => formatAddress({ space, chart }),
};

/** Runs `helm-registry search`. */
export async function search(
  { connect, output, signal, note }: Session,
  words: readonly string[],
  options: SearchOptions,
): Promise<void> {
  const { space, keyword, type, signed, sort, limit } = options;
  const query: SearchQuery = {
    ...(words.length === 0 ? {} : { q: words.join(' ') }),
    ...(space === undefined ? {} : { space: parseSpace(space) }),
    ...(keyword === undefined ? {} : { keyword }),
    ...(type === undefined ? {} : { type }),
    ...(signed === undefined ? {} : { signed }),
    ...(sort === undefined ? {} : { sort }),
  };
  const found = await (await connect()).search(query, { signal }).page({ limit });
  await output.list(foundChartView, found.items);
  if (found.corrected !== undefined) note(`nothing has these words; searched for ${found.corrected}`);
  if (found.total > found.items.length) note(`${found.items.length} of ${found.total}; --limit shows more`);
}
