import { type CompareOptions, defaultCompareLimit } from '../../core/compare/comparison.ts';
import type { Context } from '../../core/context.ts';
import { prepareComparison } from '../../core/registry/compare-versions.ts';
import { withActor } from '../access/route-access.ts';
import { compareParams, compareQuery, comparison } from '../compare-schemas.ts';
import { matchesEtag } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { type Input, mountRoute } from '../http/mount-routes.ts';
import { linkNext } from '../http/next-page.ts';
import { describeErrors, describeResponse } from '../schemas.ts';

/** Mounts the route that compares two versions. */
export function mountCompare(app: App, { registry, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/compare/{other}',
      access: { right: 'chart.read' },
      tags: ['Versions'],
      operationId: 'compareVersions',
      summary: 'Compare two versions, of one chart or of two',
      description:
        'Changed keys of Chart.yaml and of the values, dependencies, charts inside, and files with unified diffs. `space` ' +
        'and `chart` name the chart of the second version. `start` and `limit` are a page of each list; `Link` has the ' +
        'next where a list has more. A diff of a file has at most 64 KiB, those of a page 1 MiB, and so have the ' +
        'values that are shown; `truncated` says where more is. `ETag` stands for both archives.',
      request: { params: compareParams, query: compareQuery },
      responses: {
        200: describeResponse('From the first version to the second.', comparison),
        304: describeResponse('The client has it already.'),
        ...describeErrors(400, 404, 503),
      },
    },
    async (c, input) => {
      const { from, to } = versionsOf(input);
      const options = optionsOf(input.query);
      for (;;) {
        const prepared = await prepareComparison(withActor(c, registry), { from, to }, options);
        const headers = { ETag: `"${prepared.key}"`, 'Cache-Control': 'no-cache' };
        if (matchesEtag(c.req.header('if-none-match'), headers.ETag)) return c.body(null, 304, headers);
        inFlight.admit();
        const compared = await prepared.compare(inFlight.admitInTurn);
        // Without one, a version has another archive by now, or is gone.
        if (!compared) continue;
        const { json, next } = compared;
        c.env.holdBody?.(json);
        const link = next === undefined ? {} : { Link: linkNext(c, { start: next, limit: options.limit }) };
        return c.body(json, 200, { ...headers, ...link, 'Content-Type': 'application/json' });
      }
    },
  );
}

type CompareInput = Input<typeof compareParams, typeof compareQuery>;

function versionsOf({ params, query }: CompareInput) {
  const { space, chart, version, other } = params;
  return {
    from: { space, chart, version },
    to: { space: query.space ?? space, chart: query.chart ?? chart, version: other },
  };
}

function optionsOf({
  start = 0,
  limit = defaultCompareLimit,
  only,
  file,
}: CompareInput['query']): CompareOptions {
  return { start, limit, only: file === undefined ? only : 'files', file };
}
