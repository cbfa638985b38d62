import { randomUUID } from 'node:crypto';
import { recordAudit } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import { isImmutable } from '../registry/version-rows.ts';
import { checkMirror, type WantedMirror } from './check-mirror.ts';
import { invalidMirrorError } from './check-url.ts';
import { sealCredentials } from './credentials.ts';
import { credentialPlaceOf } from './endpoint.ts';
import type { MirrorDeps } from './mirror-deps.ts';
import { explainMissingMirror, lockMirroredSpace, mirrorRight } from './mirrored-space.ts';
import { completeSettings } from './settings.ts';

/** Default of minutes between two runs. */
const defaultMinutes = 60;

/**
 * Makes a space the mirror of an upstream, or changes its mirror. A run begins at once, and one that is open is
 * cancelled. Charts that are in the space already stay.
 * @throws {RegistryError} `mirror.invalid`, `space.notFound`, those of a missing right
 */
export async function setMirror(
  { registry, guard, sealer }: Pick<MirrorDeps, 'registry' | 'guard' | 'sealer'>,
  space: string,
  wanted: WantedMirror,
): Promise<void> {
  const url = checkMirror(wanted, guard);
  const { every = defaultMinutes, credentials } = wanted;
  const settings = completeSettings(wanted);
  await registry.db.transaction(async (tx) => {
    const spaceId = await lockMirroredSpace(tx, registry, space);
    const changes = (['prune', 'overwrite'] as const).find((key) => settings[key]);
    if (changes && (await isImmutable(tx, space)))
      throw invalidMirrorError(
        `/${changes}`,
        `Versions in space ${space} are immutable, so "${changes}" cannot work there.`,
      );
    const before = await cancelRun(tx, spaceId);
    const id = before?.id ?? randomUUID();
    // Credentials stay with their host: another owner may set the URL, and must not get them.
    const isSamePlace =
      before !== undefined &&
      credentialPlaceOf(before.url, before.plainHttp) === credentialPlaceOf(url, settings.plainHttp);
    const kept = isSamePlace ? before.secret : null;
    const secret = credentials
      ? sealCredentials(sealer, id, credentials)
      : credentials === null
        ? null
        : kept;
    await tx.query(
      `INSERT INTO mirrors (id, space_id, url, settings, secret, every, due_at, asked) VALUES ($1, $2, $3, $4, $5, $6, now(), true)
       ON CONFLICT (space_id) DO UPDATE
          SET url = excluded.url, settings = excluded.settings, secret = excluded.secret, every = excluded.every,
              due_at = now(), asked = true, changed_at = now(), attempts = 0, etag = NULL, last_modified = NULL`,
      [id, spaceId, url, JSON.stringify(settings), secret, every],
    );
    const { charts: globs, ...rest } = settings;
    await recordAudit(tx, registry.actor, {
      ...{ action: 'mirror.set', right: mirrorRight, space },
      details: { url, every, charts: globs, ...rest, credentials: secret !== null },
    });
  });
}

interface FormerMirror {
  id: string;
  url: string;
  secret: string | null;
  plainHttp: boolean;
}

/** Cancels the open run of a mirror. @returns the mirror, if there is one */
async function cancelRun(tx: Transaction, spaceId: number): Promise<FormerMirror | undefined> {
  const [mirror] = await tx.query<FormerMirror>(
    `SELECT id, url, secret, coalesce((settings -> 'plainHttp')::boolean, false) AS "plainHttp"
       FROM mirrors WHERE space_id = $1 FOR NO KEY UPDATE`,
    [spaceId],
  );
  if (!mirror) return undefined;
  await tx.query(
    `UPDATE mirror_runs SET state = 'cancelled', finished_at = now(), holder = NULL, lease_until = NULL
      WHERE mirror_id = $1 AND state = 'running'`,
    [mirror.id],
  );
  return mirror;
}

/**
 * Has a mirror run now. A mirror that runs already goes on, and nothing else happens.
 * @throws {RegistryError} `mirror.notFound`, `space.notFound`, those of a missing right
 */
export async function runMirrorNow({ registry }: Pick<MirrorDeps, 'registry'>, space: string): Promise<void> {
  await registry.db.transaction(async (tx) => {
    const spaceId = await lockMirroredSpace(tx, registry, space);
    const [mirror] = await tx.query<{ id: string }>(
      'SELECT id FROM mirrors WHERE space_id = $1 FOR NO KEY UPDATE',
      [spaceId],
    );
    if (!mirror) throw await explainMissingMirror(tx, registry, space);
    const open = await tx.query(
      "UPDATE mirror_runs SET asked = true WHERE mirror_id = $1 AND state = 'running' RETURNING id",
      [mirror.id],
    );
    await tx.query(
      `UPDATE mirrors SET attempts = 0, due_at = CASE WHEN $2 THEN due_at ELSE now() END, asked = NOT $2
        WHERE id = $1`,
      [mirror.id, open.length > 0],
    );
    await recordAudit(tx, registry.actor, { action: 'mirror.run', right: mirrorRight, space });
  });
}

/**
 * Ends a mirror. The space is an ordinary one from then on, and its charts stay.
 * @throws {RegistryError} `mirror.notFound`, `space.notFound`, those of a missing right
 */
export async function endMirror({ registry }: Pick<MirrorDeps, 'registry'>, space: string): Promise<void> {
  await registry.db.transaction(async (tx) => {
    const spaceId = await lockMirroredSpace(tx, registry, space);
    const gone = await tx.query('DELETE FROM mirrors WHERE space_id = $1 RETURNING id', [spaceId]);
    if (gone.length === 0) throw await explainMissingMirror(tx, registry, space);
    await recordAudit(tx, registry.actor, { action: 'mirror.end', right: mirrorRight, space });
  });
}
