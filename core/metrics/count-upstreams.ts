import type { ReadDocument } from '../access/read-document.ts';
import type { FetchIcon } from '../icons/fetch-icon.ts';
import type { Sender } from '../webhooks/send.ts';
import type { Metrics } from './metrics.ts';

/** Wraps the sender of webhooks so that its requests are counted. */
export function createCountingSender(sender: Sender, metrics: Metrics): Sender {
  const count = createUpstreamCounter(metrics, 'webhook');
  return {
    async send(call, signal) {
      const result = await sender.send(call, signal);
      // An address that may not be called, or an answer that is not a success, is not a fault of the network.
      const isAnswered = result.status !== undefined || (!result.ok && result.permanent);
      count(result.ok ? 'succeeded' : isAnswered ? 'refused' : 'unreachable');
      return result;
    },
  };
}

/** Wraps the fetcher of icons so that its requests are counted. */
export function createCountingIconFetcher(fetchIcon: FetchIcon, metrics: Metrics): FetchIcon {
  const count = createUpstreamCounter(metrics, 'icon');
  return async (url, timeoutMs) => {
    const fetched = await fetchIcon(url, timeoutMs);
    count('bytes' in fetched ? 'succeeded' : fetched.unreachable ? 'unreachable' : 'refused');
    return fetched;
  };
}

/** Wraps the reader of issuers' documents so that its reads are counted. */
export function createCountingDocumentReader(readDocument: ReadDocument, metrics: Metrics): ReadDocument {
  const count = createUpstreamCounter(metrics, 'issuer');
  return async (address) => {
    try {
      const document = await readDocument(address);
      count('succeeded');
      return document;
    } catch (error) {
      count('unreachable');
      throw error;
    }
  };
}

/** Creates the counter of the requests of mirrors. */
export function createMirrorCounter(metrics: Metrics): (outcome: UpstreamOutcome) => void {
  return createUpstreamCounter(metrics, 'mirror');
}

/** Outcome of a request to another server. */
export type UpstreamOutcome = 'succeeded' | 'refused' | 'unreachable';

function createUpstreamCounter(metrics: Metrics, upstream: string): (outcome: UpstreamOutcome) => void {
  return (outcome) => {
    metrics.tally('upstream_requests_total', { upstream, outcome }).value += 1;
  };
}
