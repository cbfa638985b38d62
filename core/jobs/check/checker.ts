import { createHash } from 'node:crypto';
import type { Digest } from '../../blobs/port.ts';
import { createByteCache } from '../../byte-cache.ts';
import type { ChartLimits } from '../../chart/limits.ts';
import { RegistryError } from '../../errors.ts';
import type { Plan } from '../../recipe/plan.ts';
import type { Warning } from '../../recipe/warning.ts';
import { findNameFault } from '../../recipe/warnings/unfit-charts.ts';
import { createThread, ThreadExceeded } from '../../threads/thread.ts';
import { askTogether } from './ask-together.ts';
import type { CheckAnswer, CheckRequest, Verdict } from './messages.ts';
import type { OutlineStore } from './outlines.ts';
import { threadProgram } from './thread-program.ts';

/** Checks what a plan's values will be against the schemas of its sources, and finds its warnings, beside the event loop. */
export interface ValuesChecker {
  /** Warnings of this plan, or of one that differs in nothing that matters to them, if it has passed already. */
  recall(plan: Plan): Warning[] | undefined;
  /**
   * @returns its warnings; none when a source has gone in the meantime or cannot be read, which whoever claims or composes
   *   the sources finds out
   * @throws {RegistryError} `values.invalid`, `schema.invalid`, and `recipe.invalid` for names that clash
   */
  check(plan: Plan): Promise<Warning[]>;
  close(): Promise<void>;
}

/** Milliseconds one check may take; those of large public charts take up to 20. */
const checkLimit = 2_000;

/** MiB the thread may use. */
const memory = 512;

/** Plans that are sent together, when they come faster than they are checked: a message costs more than a check. */
const mostTogether = 32;

/** Bytes of plans, with their warnings, that are remembered to have passed; most take 300. */
const maxPassed = 8 * 1024 * 1024;

export function createValuesChecker(outlines: OutlineStore, limits: ChartLimits): ValuesChecker {
  const thread = createThread<CheckRequest, CheckAnswer>({
    file: threadProgram(),
    limit: checkLimit,
    memory,
  });
  const passed = createByteCache<Warning[]>(maxPassed);
  const keys = new WeakMap<Plan, string>();

  function recallKey(plan: Plan): string {
    const key = keys.get(plan) ?? keyOf(plan);
    keys.set(plan, key);
    return key;
  }

  async function judge(plans: string[], outlines: [Digest, string][]): Promise<Verdict[]> {
    const answer = await thread.call({ kind: 'check', plans, outlines });
    if (answer.kind !== 'verdicts') throw new Error(`the thread answered ${answer.kind} to a check`);
    return answer.verdicts;
  }

  const judgeTogether = askTogether((plans: string[]) => judge(plans, []), mostTogether);

  /** @throws {RegistryError} also for what the thread could not do */
  async function settle<T extends CheckAnswer | Verdict | undefined>(
    asked: Promise<T>,
    plan: Plan,
  ): Promise<T> {
    try {
      const answer = await asked;
      if (answer?.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
      return answer;
    } catch (error) {
      if (!(error instanceof ThreadExceeded)) throw error;
      throw new RegistryError(
        'schema.invalid',
        `The values of ${plan.chart} could not be checked: the schemas of its sources take ${error.message} to follow.`,
        { pointer: '/configs' },
      );
    }
  }

  /** @returns undefined for an archive that was whole when it was uploaded and cannot be read now */
  async function makeOutline(archive: Buffer, plan: Plan): Promise<string | undefined> {
    const asked = thread.call({ kind: 'outline', archive, limits });
    const answer = await settle(
      asked.then((given) => (given.kind === 'fault' ? undefined : given)),
      plan,
    );
    if (answer && answer.kind !== 'outline') throw new Error('the thread did not answer with an outline');
    return answer?.outline;
  }

  return {
    recall: (plan) => passed.get(recallKey(plan)),
    async check(plan) {
      const text = JSON.stringify(plan);
      let verdict = await settle(judgeTogether(text), plan);
      if (verdict.kind === 'missing') {
        const brought: [Digest, string][] = [];
        for (const digest of verdict.digests) {
          const outline = await outlines.load(digest, (archive) => makeOutline(archive, plan));
          if (outline === undefined) return [];
          brought.push([digest, outline]);
        }
        verdict = await settle(judge([text], brought).then(onlyOne), plan);
      }
      if (verdict.kind !== 'fine') throw new Error(`the thread answered ${verdict.kind} to a check`);
      const { warnings } = verdict;
      passed.set(recallKey(plan), warnings, warnings.length > 0 ? 2 * JSON.stringify(warnings).length : 0);
      return warnings;
    },
    close: () => thread.close(),
  };
}

function onlyOne(verdicts: Verdict[]): Verdict {
  const [verdict] = verdicts;
  if (!verdict) throw new Error('the thread gave no verdict');
  return verdict;
}

/** Digest of everything that the verdict depends on; the new chart's name is among it only where it is worth a warning. */
function keyOf({ chart, values, root }: Plan): string {
  const name = findNameFault(chart) === undefined ? '' : chart;
  return createHash('sha256')
    .update(JSON.stringify([values, root, name]))
    .digest('base64');
}
