import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import type { Plan } from '../recipe/plan.ts';
import { writeNode, writePlan } from '../recipe/plan-text.ts';
import type { Config } from '../recipe/recipe.ts';
import type { Warning } from '../recipe/warning.ts';
import { findNameFault } from '../recipe/warnings/unfit-charts.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { createThread, ThreadExceeded } from '../runtime/threads/thread.ts';
import { createFairGate } from './fair-gate.ts';
import type { CheckAnswer, CheckRequest, Verdict } from './messages.ts';
import type { OutlineStore } from './outlines.ts';
import { checkStopped, threadLimits, validationThreadUrl } from './thread-entry.ts';

/** Checks what a plan's values will be against the schemas of its sources, and finds its warnings, beside the event loop. */
export interface Validator {
  /** Warnings of this plan, or of one that differs in nothing that matters to them, if it has passed already. */
  recall(plan: Plan<Config>): Warning[] | undefined;
  /**
   * @returns its warnings; none when a source has gone in the meantime or cannot be read, which whoever claims or composes
   *   the sources finds out
   * @throws {RegistryError} `values.invalid`, `schema.invalid`, and `recipe.invalid` for names that clash; `service.busy`
   *   when too many wait
   */
  check(plan: Plan<Config>): Promise<Warning[]>;
  close(): Promise<void>;
}

interface Question {
  /** JSON text. */
  plan: string;
  /** Outlines that the thread said it lacks. */
  outlines: [Digest, string][];
}

/** Plans that are sent together, when they come faster than they are checked: a message costs more than a check. */
const maxBatch = 32;

/** Plans that may wait, so that those who ask do not wait for minutes. */
const waitingLimits = {
  waiting: 'recipes that wait for a check of their values',
  maxPerSpace: 500,
  maxTotal: 2_000,
};

/** Bytes of plans, with their warnings, that are remembered to have passed; most take 300. */
const maxPassed = 8 * 1024 * 1024;

/** Plans whose schemas are bad that are remembered, so that asking again costs nothing. */
const maxRefused = 1_000;

export function createValidator(outlines: OutlineStore, limits: ChartLimits): Validator {
  const thread = createThread<CheckRequest, CheckAnswer>({
    file: validationThreadUrl(),
    ...threadLimits,
  });
  const passed = createByteCache<Warning[]>(maxPassed);
  const refused = new LRUCache<string, RegistryError>({ max: maxRefused });
  const keys = new WeakMap<Plan<Config>, string>();

  function recallKey(plan: Plan<Config>): string {
    const key = keys.get(plan) ?? keyOf(plan);
    keys.set(plan, key);
    return key;
  }

  async function runValidation(questions: Question[]): Promise<Verdict[]> {
    const plans = questions.map(({ plan }) => plan);
    const sent = questions.flatMap((question) => question.outlines);
    const answer = await thread.call({ kind: 'check', plans, outlines: sent });
    if (answer.kind !== 'verdicts') throw new Error(`the thread answered ${answer.kind} to a check`);
    return answer.verdicts;
  }

  const validateInBatch = batchCalls(runValidation, { max: maxBatch, ...waitingLimits });
  // Outlines are made one at a time, so that a check waits for one outline at most.
  const outlineGate = createFairGate(waitingLimits);

  /** @throws {RegistryError} also for what the thread could not do */
  async function unwrapAnswer<T extends CheckAnswer | Verdict | undefined>(asked: Promise<T>): Promise<T> {
    try {
      const answer = await asked;
      if (answer?.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
      return answer;
    } catch (error) {
      if (!(error instanceof ThreadExceeded)) throw error;
      throw checkStopped(error);
    }
  }

  /** @returns undefined for an archive that was whole when it was uploaded and cannot be read now */
  async function makeOutline(space: string, archive: Buffer): Promise<string | undefined> {
    const asked = outlineGate.pass(space, () => thread.call({ kind: 'outline', archive, limits }));
    const answer = await unwrapAnswer(asked.then((given) => (given.kind === 'fault' ? undefined : given)));
    if (answer && answer.kind !== 'outline') throw new Error('the thread did not answer with an outline');
    return answer?.outline;
  }

  /** Messages name the new chart, so its name belongs to the key. */
  function nameRefusal(plan: Plan<Config>): string {
    return `${recallKey(plan)} ${plan.chart}`;
  }

  async function checkPlan(plan: Plan<Config>): Promise<Warning[]> {
    const { space } = plan;
    const text = writePlan(plan);
    let verdict = await unwrapAnswer(validateInBatch(space, { plan: text, outlines: [] }));
    if (verdict.kind === 'missing') {
      const missing: [Digest, string][] = [];
      for (const digest of verdict.digests) {
        const outline = await outlines.load(digest, (archive) => makeOutline(space, archive));
        if (outline === undefined) return [];
        missing.push([digest, outline]);
      }
      verdict = await unwrapAnswer(validateInBatch(space, { plan: text, outlines: missing }));
    }
    if (verdict.kind !== 'fine') throw new Error(`the thread answered ${verdict.kind} to a check`);
    const { warnings } = verdict;
    passed.set(recallKey(plan), warnings, warnings.length > 0 ? 2 * JSON.stringify(warnings).length : 0);
    return warnings;
  }

  return {
    recall: (plan) => passed.get(recallKey(plan)),
    async check(plan) {
      const known = refused.get(nameRefusal(plan));
      if (known) throw known;
      try {
        return await checkPlan(plan);
      } catch (error) {
        if (isRegistryError(error, 'schema.invalid')) refused.set(nameRefusal(plan), error);
        throw error;
      }
    },
    close: () => thread.close(),
  };
}

/** Digest of everything that the verdict depends on; the new chart's name is among it only where it is worth a warning. */
function keyOf({ chart, values, root }: Plan<Config>): string {
  const name = findNameFault(chart) === undefined ? '' : chart;
  return createHash('sha256')
    .update(`[${JSON.stringify(values)},${writeNode(root)},${JSON.stringify(name)}]`)
    .digest('base64');
}
