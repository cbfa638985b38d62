import { documentKinds } from './kinds/documents.ts';
import type { HostileKind, Target } from './kinds/kind.ts';
import { ociKinds } from './kinds/oci.ts';
import { readKinds } from './kinds/reads.ts';
import { recipeKinds } from './kinds/recipes.ts';
import { schemaKinds } from './kinds/schemas.ts';
import { unreadKinds } from './kinds/unread.ts';
import { uploadKinds } from './kinds/uploads.ts';
import { webhookKinds } from './kinds/webhooks.ts';

/** Longest time that a kind is waited for, in milliseconds. */
const timeoutMs = 180_000;

/** Makes all kinds of hostile requests for a registry that has the charts of `storeCharts`. */
export async function makeHostileKinds(target: Target): Promise<HostileKind[]> {
  const kinds = [
    ...documentKinds(target),
    ...recipeKinds(target),
    ...readKinds(target),
    ...(await uploadKinds(target)),
    ...(await schemaKinds(target)),
    ...ociKinds(target),
    ...unreadKinds(target),
    ...(await webhookKinds(target)),
  ];
  return kinds.map(({ name, send }) => ({ name, send: (round) => inTime(send(round)) }));
}

/** Waits for statuses, of which a request that failed or took too long is 0. */
async function inTime(sending: Promise<Iterable<number>>): Promise<Iterable<number>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number[]>((resolve) => {
    timer = setTimeout(() => resolve([0]), timeoutMs);
  });
  // A connection that is closed while its body is sent: the client provoked that.
  const statuses = await Promise.race([sending.catch(() => [0]), late]);
  clearTimeout(timer);
  return statuses;
}
