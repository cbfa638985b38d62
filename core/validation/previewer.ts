import { buffer } from 'node:stream/consumers';
import type { ChartLimits } from '../archive/limits.ts';
import type { BlobStore, Digest } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';
import type { Plan } from '../recipe/plan.ts';
import { writePlan } from '../recipe/plan-text.ts';
import type { PreviewTexts } from '../recipe/preview.ts';
import type { Config } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import { createThread, ThreadExceeded } from '../runtime/threads/thread.ts';
import { createFairGate } from './fair-gate.ts';
import type { CheckAnswer, CheckRequest } from './messages.ts';
import { checkStopped, threadLimits, validationThreadUrl } from './thread-entry.ts';

/** Foresees what plans make, beside the event loop. */
export interface Previewer {
  /**
   * @returns undefined when the bytes of a source have gone in the meantime
   * @throws {RegistryError} all that composing would find wrong with the plan; `service.busy` when too many wait
   */
  preview(plan: Plan<Config>): Promise<PreviewTexts | undefined>;
  close(): Promise<void>;
}

/** Previews that may wait, so that those who ask do not wait for minutes. */
const waitingLimits = {
  waiting: 'recipes that wait for a check of their values',
  maxPerSpace: 100,
  maxTotal: 500,
};

/** Archives of one preview may have so many times the bytes of the largest one: they are in memory together. */
const maxSources = 3;

export function createPreviewer(blobs: BlobStore, limits: ChartLimits): Previewer {
  const thread = createThread<CheckRequest, CheckAnswer>({
    file: validationThreadUrl(),
    ...threadLimits,
  });
  // One at a time also while archives are read, or many requests would hold all of them in memory.
  const gate = createFairGate(waitingLimits);

  async function readArchives(plan: Plan<Config>): Promise<[Digest, Uint8Array][] | undefined> {
    const digests = new Set(storedSources(plan.root).map(({ digest }) => digest));
    const archives: [Digest, Uint8Array][] = [];
    let size = 0;
    for (const digest of digests) {
      const stored = await blobs.open(digest);
      if (!stored) return undefined;
      const archive = await buffer(stored);
      archives.push([digest, archive]);
      size += archive.length;
      if (size > maxSources * limits.packed) throw tooLarge(maxSources * limits.packed);
    }
    return archives;
  }

  return {
    preview: (plan) =>
      gate.pass(plan.space, async () => {
        const archives = await readArchives(plan);
        if (!archives) return undefined;
        try {
          const answer = await thread.call({ kind: 'preview', plan: writePlan(plan), archives, limits });
          if (answer.kind === 'preview') return answer.preview;
          if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
          throw new Error(`the thread answered ${answer.kind} to a preview`);
        } catch (error) {
          if (!(error instanceof ThreadExceeded)) throw error;
          throw checkStopped(error);
        }
      }),
    close: () => thread.close(),
  };
}

function tooLarge(limit: number): RegistryError {
  return new RegistryError(
    'archive.tooLarge',
    `The recipe's sources have more than ${limit} bytes packed. Take fewer or smaller sources, or have the operator raise LIMIT_PACKED.`,
  );
}
