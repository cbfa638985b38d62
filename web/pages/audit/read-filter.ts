import type { AuditFilter } from '@helm-registry/client';
import { readKnownWord } from '../../parts/read-query.ts';
import { actionGroups, auditEventOutcomes } from './actions.ts';

/** Parameters of the address that choose events. */
export const auditFilterNames = ['chart', 'principal', 'action', 'outcome', 'since', 'until'] as const;

/** Reads which events an address chooses; a time that cannot be read is passed over. */
export function readAuditFilter(query: Readonly<Record<string, string>>): AuditFilter {
  const { space, chart, principal } = query;
  const action = readKnownWord(Object.values(actionGroups).flat(), query.action);
  const outcome = readKnownWord(auditEventOutcomes, query.outcome);
  const [since, until] = [query.since, query.until].map((text) => readTime(text));
  return {
    ...(space && { space }),
    ...(chart && { chart }),
    ...(principal && { principal }),
    ...(action && { action }),
    ...(outcome && { outcome }),
    ...(since && { since }),
    ...(until && { until }),
  };
}

function readTime(text: string | undefined): string | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Writes a time of the address as a field of the reader's clock has it. The field is empty where there is no time. */
export function toLocalTimeField(text: string | undefined): string {
  const date = new Date(text ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Reads a field of the reader's clock as a time of the address. Such a time means the same everywhere. */
export function fromLocalTimeField(text: string): string | undefined {
  return readTime(text === '' ? undefined : text);
}
