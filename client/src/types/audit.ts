import type { Json } from './json.ts';

/** Principal that did something, with the name of then. */
export interface AuditPrincipal {
  kind: 'user' | 'account' | 'anonymous' | 'system';
  id?: string;
  name?: string;
  credential?: string;
  token?: { id: string; name?: string };
}

/** Row of the audit: who did what, or was refused it. */
export interface AuditEvent {
  id: string;
  time: string;
  principal: AuditPrincipal;
  /** Kind of the change, as `version.publish`; `access` for what was refused. */
  action: string;
  right?: string;
  /** `denied` for want of a right, `failed` for another reason. */
  outcome: 'done' | 'denied' | 'failed';
  space?: string;
  chart?: string;
  version?: string;
  digests?: { before?: string; after?: string };
  /** Interface that it came by. */
  door: 'api' | 'repository' | 'chartmuseum' | 'oci' | 'cli' | 'worker';
  address?: string;
  agent?: string;
  request?: string;
  job?: string;
  /** Over 1 for equal refusals of one minute. */
  times: number;
  details?: { [key: string]: Json };
}

/** Filter of the audit. */
export interface AuditFilter {
  /** Only space; owners of it may read its events. */
  space?: string;
  chart?: string;
  /** Name of a user or service account. */
  principal?: string;
  action?: string;
  outcome?: AuditEvent['outcome'];
  /** Earliest time (ISO 8601). */
  since?: string;
  /** Time before which the events were (ISO 8601). */
  until?: string;
}
