/** Event as clients see it. What does not apply is left out. */
export interface AuditView {
  /** Number, in the order of the events of one moment. */
  id: string;
  /** ISO 8601, with microseconds. */
  time: string;
  principal: {
    kind: string;
    id?: string;
    name?: string;
    credential?: string;
    token?: { id: string; name?: string };
  };
  action: string;
  right?: string;
  outcome: string;
  space?: string;
  chart?: string;
  version?: string;
  digests?: { before?: string; after?: string };
  door: string;
  address?: string;
  agent?: string;
  request?: string;
  job?: string;
  times: number;
  details?: object;
}

/** A row of `auditColumns`, which are texts but for numbers and details. */
export interface AuditRow {
  number: number;
  time: string;
  kind: string;
  principalId: string | null;
  principal: string | null;
  credential: string | null;
  tokenId: string | null;
  tokenName: string | null;
  action: string;
  right: string | null;
  outcome: string;
  space: string | null;
  chart: string | null;
  version: string | null;
  before: string | null;
  after: string | null;
  door: string;
  address: string | null;
  agent: string | null;
  request: string | null;
  job: string | null;
  times: number;
  details: object | null;
}

/** SQL columns that `viewEvent` reads. */
export const auditColumns = `number, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS time,
  principal_kind AS kind, principal_id AS "principalId", principal, credential, token_id AS "tokenId",
  token_name AS "tokenName", action, needed_right AS "right", outcome, space, chart, version,
  digest_before AS before, digest_after AS after, door, address, agent, request_id AS request, job_id AS job,
  times, details`;

/** Renders an event for clients. */
export function viewEvent(row: AuditRow): AuditView {
  const { number, time, action, outcome, door, times } = row;
  const digests = withoutNulls({ before: row.before, after: row.after });
  return {
    id: String(number),
    time,
    principal: {
      kind: row.kind,
      ...withoutNulls({ id: row.principalId, name: row.principal, credential: row.credential }),
      ...(row.tokenId === null
        ? {}
        : { token: { id: row.tokenId, ...withoutNulls({ name: row.tokenName }) } }),
    },
    action,
    outcome,
    ...withoutNulls({ right: row.right, space: row.space, chart: row.chart, version: row.version }),
    ...(Object.keys(digests).length === 0 ? {} : { digests }),
    door,
    ...withoutNulls({ address: row.address, agent: row.agent, request: row.request, job: row.job }),
    times,
    ...(row.details === null ? {} : { details: row.details }),
  };
}

/** Leaves out what is null. */
function withoutNulls<Key extends string>(texts: Record<Key, string | null>): { [key in Key]?: string };
function withoutNulls(texts: Record<string, string | null>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, text] of Object.entries(texts)) if (text !== null) kept[key] = text;
  return kept;
}
