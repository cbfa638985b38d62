import type { Actor, RequestFacts } from '../access/actor.ts';
import type { Caller } from '../access/principal.ts';
import type { RegistryRight, SpaceRight } from '../access/rights.ts';
import type { AuditAction, AuditOutcome } from './actions.ts';
import { type AuditDetails, boundDetails, withoutSecrets } from './details.ts';

/** Event as a use case tells it: what was done, and to what. */
export interface AuditEvent {
  action: AuditAction;
  /** Default `done`. */
  outcome?: AuditOutcome;
  /** Right by which it was done, or that was missing. */
  right?: SpaceRight | RegistryRight | undefined;
  space?: string | undefined;
  chart?: string | undefined;
  version?: string | undefined;
  /** Digests of what was there before and after; absent where nothing was. */
  digests?: { before?: string | undefined; after?: string | undefined };
  jobId?: string | undefined;
  /** Further facts, few and short. Never a secret, nor a name of another space. */
  details?: AuditDetails;
}

/** Somebody as events name it. Names outlive their principals. */
export interface AuditedCaller {
  kind: 'user' | 'account' | 'anonymous' | 'system';
  id?: string | undefined;
  name?: string | undefined;
  credential?: string | undefined;
  tokenId?: string | undefined;
  tokenName?: string | undefined;
}

/** Event with everything that its row has but number and time. */
export interface AuditRecord extends Omit<AuditEvent, 'outcome'> {
  outcome: AuditOutcome;
  caller: AuditedCaller;
  request: RequestFacts;
  /** Number of times that it happened within a minute, where that is counted; default 1. */
  times?: number;
}

/**
 * Makes the record of an event.
 * @returns undefined where nothing is recorded: in a registry with open access, where nobody is known
 * @throws {RegistryError} `access.unauthenticated` for wrong credentials
 */
export async function createAuditRecord(actor: Actor, event: AuditEvent): Promise<AuditRecord | undefined> {
  return actor.audited ? toAuditRecord(await actor.caller(), actor.request, event) : undefined;
}

/** Makes the record of an event of a known caller. */
export function toAuditRecord(caller: Caller, request: RequestFacts, event: AuditEvent): AuditRecord {
  return { outcome: 'done', ...event, caller: toAuditedCaller(caller), request };
}

function toAuditedCaller(caller: Caller): AuditedCaller {
  switch (caller.kind) {
    case 'principal': {
      const { principal, credential, tokenId, tokenName } = caller;
      return { kind: principal.kind, id: principal.id, name: principal.name, credential, tokenId, tokenName };
    }
    case 'system':
      return { kind: 'system' };
    case 'anonymous':
    case 'open':
      return { kind: 'anonymous' };
  }
}

/** Longest text of an event, in characters. */
const maxEventTextCharacters = 300;

/** Makes the columns of a record, without secrets and within bounds. */
export function toEventColumns(record: AuditRecord): Record<string, unknown> {
  const { caller, request, digests, details } = record;
  return {
    principal_kind: caller.kind,
    principal_id: caller.id,
    principal: bounded(caller.name),
    credential: caller.credential,
    token_id: caller.tokenId,
    token_name: bounded(caller.tokenName),
    action: record.action,
    needed_right: record.right,
    outcome: record.outcome,
    space: bounded(record.space),
    chart: bounded(record.chart),
    version: bounded(record.version),
    digest_before: digests?.before,
    digest_after: digests?.after,
    door: request.door,
    address: request.address,
    agent: bounded(request.agent),
    request_id: bounded(request.requestId),
    job_id: record.jobId,
    times: record.times ?? 1,
    details: details && boundDetails(details),
  };
}

function bounded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : withoutSecrets(text, maxEventTextCharacters);
}
