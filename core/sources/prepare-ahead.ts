import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import { claimSourceToPrepare, findDerivedBlob } from '../registry/derived-blobs.ts';
import { type Repetition, startRepeating } from '../runtime/repeat.ts';
import { saveOutline } from '../validation/outlines.ts';
import { createPreparer, type Preparer, preparerDefaults } from './preparer.ts';
import { type StoredFormDeps, storeForm } from './stored-forms.ts';

/** Database, store and limits for preparing ahead. */
interface PrepareAheadDeps extends StoredFormDeps {
  limits: ChartLimits;
}

/** Milliseconds from the end of one look for uploads to the next. */
const intervalMs = 2_000;

/**
 * Starts preparing uploaded archives before their first use as a source. One archive is prepared at a time, at low
 * priority. After each it rests for as long as it worked. Its thread ends when nothing is left.
 */
export function startPreparingAhead(deps: PrepareAheadDeps): Repetition {
  let preparer: Preparer | undefined;

  async function prepareAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const source = await claimSourceToPrepare(deps.db);
      if (!source) return;
      preparer ??= createPreparer(deps.limits, { ...preparerDefaults, isAhead: true });
      const startedAt = performance.now();
      await prepareSource(deps, preparer, source).catch((error: unknown) => {
        if (!signal.aborted) deps.log.debug({ source, error }, 'a source was not prepared ahead');
      });
      await sleep(performance.now() - startedAt, undefined, { signal });
    }
  }

  const repetition = startRepeating(
    async (signal) => {
      try {
        await prepareAll(signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        await preparer?.close();
        preparer = undefined;
      }
    },
    intervalMs,
    (error) => deps.log.warn({ error }, 'no source could be prepared ahead, it is tried again'),
  );
  return {
    async stop() {
      const stopped = repetition.stop();
      await preparer?.close();
      await stopped;
    },
  };
}

async function prepareSource(deps: PrepareAheadDeps, preparer: Preparer, source: Digest): Promise<void> {
  if (await findDerivedBlob(deps.db, source)) return;
  const archive = await deps.blobs.open(source);
  if (!archive) return;
  const prepared = await preparer.prepare(await buffer(archive));
  if (!('form' in prepared)) return;
  await storeForm(deps, source, prepared.form);
  if (prepared.outline !== undefined) await saveOutline(deps.db, source, prepared.outline);
}
