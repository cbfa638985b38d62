import { buffer } from 'node:stream/consumers';
import type { ChartLimits } from '../archive/limits.ts';
import type { BlobStore, Digest } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';
import type { Plan } from '../recipe/plan.ts';
import { writePlan } from '../recipe/plan-text.ts';
import type { PreviewTexts } from '../recipe/preview.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import { createFairLimiter } from '../runtime/threads/fair-limiter.ts';
import { createThread, ThreadExceeded } from '../runtime/threads/thread.ts';
import type { CheckAnswer, CheckRequest } from './messages.ts';
import { threadLimits, validationStoppedError, validationThreadUrl } from './thread-entry.ts';

/** Previews plans in a thread. */
export interface Previewer {
  /**
   * Previews the chart that a plan makes.
   * @param admit checks at the preview's turn that there is room in memory
   * @returns undefined when a source's blob has been deleted meanwhile
   * @throws {RegistryError} all faults of the plan that composing would find; `service.busy` when too many wait; the
   *   errors of `admit`
   */
  preview(plan: Plan<Configuration>, admit: () => Promise<void>): Promise<PreviewTexts | undefined>;
  close(): Promise<void>;
}

/** Limits of waiting previews, so that no client waits for minutes. */
const waitingLimits = {
  waiting: 'recipes that wait for a check of their values',
  maxPerSpace: 100,
  maxTotal: 500,
};

/** Limit of a preview's archives in all, in multiples of the largest archive: they are in memory together. */
const maxSourcesFactor = 3;

/** Creates the previewer; its thread starts with the first preview. */
export function createPreviewer(blobs: BlobStore, limits: ChartLimits): Previewer {
  const thread = createThread<CheckRequest, CheckAnswer>({
    file: validationThreadUrl(),
    ...threadLimits,
  });
  // Previews run one at a time, also while archives are read, or many requests would have all of them in memory.
  const limiter = createFairLimiter(waitingLimits);

  async function readArchives(plan: Plan<Configuration>): Promise<[Digest, Uint8Array][] | undefined> {
    const digests = new Set(storedSources(plan.root).map(({ digest }) => digest));
    const archives: [Digest, Uint8Array][] = [];
    let size = 0;
    for (const digest of digests) {
      const stored = await blobs.open(digest);
      if (!stored) return undefined;
      const archive = await buffer(stored);
      archives.push([digest, archive]);
      size += archive.length;
      if (size > maxSourcesFactor * limits.packed) throw tooLarge(maxSourcesFactor * limits.packed);
    }
    return archives;
  }

  return {
    preview: (plan, admit) =>
      limiter.run(plan.space, async () => {
        await admit();
        const archives = await readArchives(plan);
        if (!archives) return undefined;
        try {
          const answer = await thread.call({ kind: 'preview', plan: writePlan(plan), archives, limits });
          if (answer.kind === 'preview') return answer.preview;
          if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
          throw new Error(`the thread answered ${answer.kind} to a preview`);
        } catch (error) {
          if (!(error instanceof ThreadExceeded)) throw error;
          throw validationStoppedError(error);
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
