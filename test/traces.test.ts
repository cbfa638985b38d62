import { trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { expect, it, onTestFinished } from 'vitest';
import { startEmbedded } from './support/embedded.ts';
import { startReceiver } from './support/receiver.ts';

const recipe = (url: string, version: string) => ({
  save: { chart: 'shop', version },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
  callback: { url },
});
const clientTrace = '0af7651916cd43dd8448eb211c80319c';
const clientSpan = 'b7ad6b7169203331';
const traceparent = `00-${clientTrace}-${clientSpan}-01`;

/** Starts a registry with a source for recipes, and a receiver of webhooks. */
async function start() {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  expect((await registry.upload('lib', { name: 'web' })).status).toBe(201);
  const receiver = await startReceiver();
  return { registry, receiver };
}

it('without an SDK nothing is traced: neither jobs nor calls have a trace, whatever the client sends', async () => {
  const { registry, receiver } = await start();
  await registry.startWorker();
  const sent = await registry.orchestrate('lib', recipe(receiver.url, '1.0.0'), {
    Prefer: 'wait=30',
    traceparent,
  });
  expect(sent.status).toBe(201);
  await receiver.called(1);
  expect(receiver.calls[0]?.headers).not.toHaveProperty('traceparent');
  const rows = await registry.db.query(
    'SELECT traceparent FROM jobs UNION ALL SELECT traceparent FROM deliveries',
  );
  expect(rows).toEqual([{ traceparent: null }, { traceparent: null }]);
});

it('with an SDK a trace goes from the request to its job and on to webhooks', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  onTestFinished(async () => {
    trace.disable();
    await provider.shutdown();
  });
  const { registry, receiver } = await start();
  const hooks = await registry.api('/spaces/lib/webhooks', {
    method: 'POST',
    body: JSON.stringify({ url: receiver.url, events: ['job.*'] }),
  });
  expect(hooks.status).toBe(201);
  const sent = await registry.orchestrate('lib', recipe(receiver.url, '1.0.0'), { traceparent });
  expect(sent.status).toBe(202);
  // Another process would run it: the trace comes by the row.
  await registry.startWorker();
  await receiver.called(2);

  const post = 'POST /api/v1/spaces/:space/charts';
  const ofTrace = (name: string): ReadableSpan[] =>
    exporter
      .getFinishedSpans()
      .filter((span) => span.name === name && span.spanContext().traceId === clientTrace);
  const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;
  await expect
    .poll(() => ['deliver webhook', 'run job', post].map((name) => ofTrace(name).length))
    .toEqual([2, 1, 1]);
  const [request] = ofTrace(post);
  expect(request?.parentSpanContext?.spanId).toBe(clientSpan);
  expect(request?.attributes).toMatchObject({ 'http.response.status_code': 202 });
  const [job] = ofTrace('run job');
  expect(job?.parentSpanContext?.spanId).toBe(idOf(request));
  const calls = ofTrace('deliver webhook');
  expect(calls.map((span) => span.parentSpanContext?.spanId)).toEqual([idOf(job), idOf(job)]);
  const received = receiver.calls.map(({ headers }) => headers.traceparent).sort();
  expect(received).toEqual(calls.map((span) => `00-${clientTrace}-${idOf(span)}-01`).sort());

  // Composed in the request itself.
  const inline = await registry.orchestrate('lib', recipe(receiver.url, '2.0.0'), {
    Prefer: 'wait=30',
    traceparent,
  });
  expect(inline.status).toBe(201);
  await expect.poll(() => ofTrace('compose chart').length).toBe(1);
  await expect.poll(() => ofTrace('deliver webhook').length).toBe(4);
}, 60_000);
