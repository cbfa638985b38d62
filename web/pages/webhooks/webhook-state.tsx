import type { Webhook } from '@helm-registry/client';
import { Badge } from '../../parts/badge.tsx';

/** State of a webhook: active, failing, or paused. */
export function WebhookState({ webhook: { state, failing } }: { webhook: Webhook }) {
  if (state === 'paused') return <Badge tone="warn">paused</Badge>;
  return failing ? <Badge tone="danger">failing</Badge> : <Badge tone="good">active</Badge>;
}
