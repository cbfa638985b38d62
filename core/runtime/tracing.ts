import {
  type Attributes,
  context,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { programVersion } from './package-info.ts';

/** Span to start. */
export interface SpanStart {
  name: string;
  kind: 'server' | 'consumer' | 'client' | 'internal';
  /** `traceparent` of the span that it continues; a span that is active here goes before. */
  parent?: string | null | undefined;
  attributes?: Attributes;
}

/** Traces of this process, by the SDK of OpenTelemetry that its operator has loaded. */
export interface Tracing {
  /** Whether there is an SDK; without one nothing is traced. */
  isOn: boolean;
  /** Runs work in a span that ends with it, as failed if it throws. */
  run<T>(start: SpanStart, work: () => Promise<T>): Promise<T>;
  /** Runs work in a span. @returns ends the span, with what is known by then */
  begin(start: SpanStart, work: () => void): (end: { attributes: Attributes; failed: boolean }) => void;
  /** Names the active span. */
  rename(name: string, attributes: Attributes): void;
  /** Marks the active span as failed. */
  noteError(error: unknown): void;
  /** Returns the active span as W3C Trace Context writes it, to be continued elsewhere. */
  traceparent(): string | undefined;
}

/** Tracing without an SDK: it spends nothing. */
export const noTracing: Tracing = {
  isOn: false,
  run: (_, work) => work(),
  begin(_, work) {
    work();
    return () => undefined;
  },
  rename: () => undefined,
  noteError: () => undefined,
  traceparent: () => undefined,
};

/** Creates the tracing of a process. An SDK is loaded before the program (`node --import`), so one look decides. */
export function createTracing(): Tracing {
  const tracer = findTracer();
  if (!tracer) return noTracing;
  const kinds = {
    server: SpanKind.SERVER,
    consumer: SpanKind.CONSUMER,
    client: SpanKind.CLIENT,
    internal: SpanKind.INTERNAL,
  };
  const start = ({ name, kind, parent, attributes = {} }: SpanStart): Span => {
    const active = context.active();
    const within = trace.getSpan(active) ? active : parseTraceparent(parent);
    return tracer.startSpan(name, { kind: kinds[kind], attributes }, within);
  };

  return {
    isOn: true,
    async run(started, work) {
      const span = start(started);
      try {
        return await context.with(trace.setSpan(context.active(), span), work);
      } catch (error) {
        markSpanFailed(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    begin(started, work) {
      const span = start(started);
      context.with(trace.setSpan(context.active(), span), work);
      return ({ attributes, failed }) => {
        span.setAttributes(attributes);
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
    },
    rename(name, attributes) {
      trace.getActiveSpan()?.updateName(name).setAttributes(attributes);
    },
    noteError(error) {
      const span = trace.getActiveSpan();
      if (span) markSpanFailed(span, error);
    },
    traceparent() {
      const active = trace.getActiveSpan()?.spanContext();
      if (!active) return undefined;
      return `00-${active.traceId}-${active.spanId}-${active.traceFlags.toString(16).padStart(2, '0')}`;
    },
  };
}

/** Finds the tracer of an SDK; undefined without one, where the interface has a proxy that leads nowhere. */
function findTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return provider.getTracer('helm-registry', programVersion);
  return provider.getDelegateTracer('helm-registry', programVersion);
}

/** Makes a context of a `traceparent`; an unreadable one counts as none. */
function parseTraceparent(traceparent: string | null | undefined) {
  const [, traceId, spanId, flags] =
    /^[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, remote);
}

function markSpanFailed(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
