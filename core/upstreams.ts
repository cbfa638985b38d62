import { createDocumentReader, type ReadDocument } from './access/read-document.ts';
import type { Config } from './config/settings.ts';
import { createIconFetcher } from './icons/fetch-icon.ts';
import { createIconCache, type IconCache } from './icons/icon-cache.ts';
import {
  createCountingDocumentReader,
  createCountingIconFetcher,
  createCountingSender,
} from './metrics/count-upstreams.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createSender, type Sender } from './webhooks/send.ts';

/** Parts that send requests to other servers. */
export interface Upstreams {
  sender: Sender;
  /** Icons by their web address; absent where none are fetched. */
  icons: IconCache | undefined;
  /** Reads documents of issuers of identities. */
  readDocument: ReadDocument;
}

/** Creates the parts that send requests to other servers; each request is counted. */
export function createUpstreams(
  { webhookAllow: allow, webhookTimeout, iconFetch }: Config,
  metrics: Metrics,
): Upstreams {
  const sender = createSender({ allow, timeoutMs: webhookTimeout * 1000 });
  return {
    sender: createCountingSender(sender, metrics),
    icons: iconFetch
      ? createIconCache(createCountingIconFetcher(createIconFetcher({ allow }), metrics))
      : undefined,
    readDocument: createCountingDocumentReader(createDocumentReader(allow), metrics),
  };
}
