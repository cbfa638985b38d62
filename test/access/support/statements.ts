import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import pg from 'pg';
import { onTestFinished, vi } from 'vitest';

/** Recorder of the SQL statements that this process sends for each request that it serves. */
export interface StatementRecorder {
  /** Makes a call that sends one request. @returns its answer, and the statements in alphabetical order */
  record<T>(call: () => Promise<T>): Promise<{ answer: T; statements: string[] }>;
}

/**
 * Statements that no answer waits for: the audit is written behind the answers, several events together, and a repeated
 * read of the OCI interface begins beside the check of the right.
 */
const unawaited = /\baudit_|WITH ORDINALITY AS w \(space, name, digest/;

/** Starts to record statements, until the test ends. Those of work in the background belong to no request. */
export function recordStatements(): StatementRecorder {
  const ofRequest = new AsyncLocalStorage<string[]>();
  let served: string[][] = [];
  const onRequest = () => {
    const statements: string[] = [];
    served.push(statements);
    ofRequest.enterWith(statements);
  };
  subscribe('http.server.request.start', onRequest);
  onTestFinished(() => void unsubscribe('http.server.request.start', onRequest));
  const send = pg.Client.prototype.query;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    const text = textOf(args[0]);
    if (!unawaited.test(text)) ofRequest.getStore()?.push(text);
    return Reflect.apply(send, this, args);
  });
  onTestFinished(() => spy.mockRestore());
  return {
    async record(call) {
      served = [];
      const answer = await call();
      const [statements, ...more] = served;
      if (!statements || more.length > 0) throw new Error(`the call sent ${served.length} requests`);
      return { answer, statements: statements.toSorted() };
    },
  };
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  return typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : '';
}
