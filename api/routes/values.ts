import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { valuesComputationVersion } from '../../core/chart/compute-values.ts';
import type { Context } from '../../core/context.ts';
import { contentsFormNumber, readValueOrigins } from '../../core/registry/chart-contents.ts';
import { createHelm3NoteFailures, type Helm3NoteFailures } from '../../core/registry/helm3-note-failures.ts';
import { majorsWarning } from '../../core/registry/make-values.ts';
import { readValues } from '../../core/registry/read-values.ts';
import type { VersionRef } from '../../core/registry/registry.ts';
import { rewriteValues } from '../../core/registry/rewrite.ts';
import type { WaitingClient } from '../../core/runtime/threads/fair-limiter.ts';
import { withActor } from '../access/route-access.ts';
import { valueOrigins, valuesQuery } from '../file-schemas.ts';
import { readBodyText } from '../http/body.ts';
import { sendFromResponseCache } from '../http/cached-response.ts';
import type { App, Env } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { sendWithEtag } from '../http/send-with-etag.ts';
import { warningHeader } from '../http/warning-header.ts';
import { describeErrors, describeResponse, values, versionParams } from '../schemas.ts';

const tags = ['Values'];
const path = '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/manifests/values';

/** Mounts the routes that read and rewrite a version's values. */
export function mountValues(app: App, context: Context): void {
  const { registry, config, log } = context;
  const failures = createHelm3NoteFailures(log);
  mountRoute(
    app,
    {
      method: 'get',
      path,
      access: { right: 'chart.read' },
      tags,
      operationId: 'getValues',
      summary: 'Values of a version',
      description:
        'Values that templates get as `.Values` when a user sets nothing, as Helm 4 computes it: with globals, conditions, tags and import-values; those of a subchart stand under its name. A header `Warning` with `values.majors` names those that Helm 3 computes otherwise.',
      request: { params: versionParams, query: valuesQuery },
      responses: {
        200: describeResponse(
          'Its values; with `origin=true` beside their origins.',
          z.union([values, valueOrigins]),
        ),
        ...describeErrors(400, 404),
      },
    },
    async (c, { params, query }) => {
      if (query.origin !== 'true') return sendValues(c, context, params, failures);
      const { digest, json } = await readValueOrigins(registry, params);
      const tag = `${contentsFormNumber}.${valuesComputationVersion}-${digest}`;
      return sendWithEtag(c, { bytes: json, tag, headers: { 'Content-Type': 'application/json' } });
    },
  );

  mountRoute(
    app,
    {
      method: 'put',
      path,
      access: { right: 'chart.replace' },
      tags,
      operationId: 'replaceValues',
      summary: 'Rewrite values.yaml',
      description:
        "The values that come of it must fit the chart's values.schema.json, and those of the charts inside. `details.pointer` of `values.invalid` is the value in the body.",
      request: {
        params: versionParams,
        query: noInput,
        body: { required: true, content: { 'application/json': { schema: values } } },
      },
      responses: {
        200: describeResponse('The values that were sent.', values),
        ...describeErrors(400, 404, 409, 413, 423),
      },
    },
    async (c, { params }) => {
      const body = await readBodyText(c, config.limitRecipe);
      const { text } = await registry.charts.readObject(params.space, body, []);
      const { warnings } = await rewriteValues(withActor(c, registry), params, text);
      return c.body(text, 200, { 'Content-Type': 'application/json', ...warningHeader(warnings) });
    },
  );
}

/** Sends the values of a version from the response cache. The ETag tells which computation made them and their note. */
function sendValues(
  c: HonoContext<Env>,
  { registry, answers, inFlight }: Context,
  ref: VersionRef,
  failures: Helm3NoteFailures,
): Promise<Response> {
  const render = async (client?: WaitingClient) => {
    const turns = {
      query: <T>(run: () => Promise<T>) => inFlight.make(ref.space, run, client),
      admit: inFlight.admitInTurn,
    };
    const { text, majors, lacksNote } = await readValues(registry, ref, turns, failures);
    return {
      text,
      warnings: majors === null ? [] : [majorsWarning(majors)],
      tag: lacksNote ? 'noteless' : String(valuesComputationVersion),
      isProvisional: lacksNote,
    };
  };
  return sendFromResponseCache(c, answers, ref.space, render, { isAdmittedByRender: true });
}
