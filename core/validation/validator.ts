import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import type { Plan } from '../recipe/plan.ts';
import { writeNode, writePlan } from '../recipe/plan-text.ts';
import type { Configuration } from '../recipe/recipe.ts';
import type { Warning } from '../recipe/warning.ts';
import { findNameFault } from '../recipe/warnings/unfit-charts.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { createFairLimiter } from '../runtime/threads/fair-limiter.ts';
import { createThread, type Thread, ThreadExceeded } from '../runtime/threads/thread.ts';
import type { CheckAnswer, CheckRequest, PlanVerdict } from './messages.ts';
import type { OutlineStore } from './outlines.ts';
import { threadLimits, validationStoppedError, validationThreadUrl } from './thread-entry.ts';

/**
 * Validates plans in a thread: checks their values against the schemas of their sources, and finds their
 * warnings.
 */
export interface Validator {
  /** Warnings of this plan, or of one that differs in nothing that matters to them, if it has passed already. */
  findPassed(plan: Plan<Configuration>): Warning[] | undefined;
  /**
   * Validates a plan.
   * @returns its warnings; none when a source was deleted meanwhile or cannot be read, which claiming or
   *   composing reports
   * @throws {RegistryError} `values.invalid`, `schema.invalid`, and `recipe.invalid` for names that clash;
   *   `service.busy` when too many wait
   */
  check(plan: Plan<Configuration>): Promise<Warning[]>;
  /** Starts the thread before the first plan, which then need not wait for it. */
  warm(): void;
  close(): Promise<void>;
}

interface Question {
  /** JSON text. */
  plan: string;
  /** Outlines that the thread lacked. */
  outlines: [Digest, string][];
}

/** Plans in one message, when they come faster than they are validated: a message costs more than a validation. */
const maxBatch = 32;

/** Limits of waiting plans, so that no client waits for minutes. */
const waitingLimits = {
  waiting: 'recipes that wait for a check of their values',
  maxPerSpace: 500,
  maxTotal: 2_000,
};

/** Bytes of the cache of passed plans and their warnings; most plans take 300. */
const maxPassedCacheBytes = 8 * 1024 * 1024;

/** Plans with a bad schema in the cache of refusals, so that a repeated request costs nothing. */
const maxRefusedPlans = 1_000;

/** Creates the validator; its thread starts with the first plan, or when it is warmed. */
export function createValidator(outlines: OutlineStore, limits: ChartLimits): Validator {
  const thread = createThread<CheckRequest, CheckAnswer>({
    file: validationThreadUrl(),
    ...threadLimits,
  });
  const passed = createByteCache<Warning[]>(maxPassedCacheBytes);
  const planKey = createPlanKeyLookup();
  const refusals = createRefusalCache(planKey);

  const validateInBatch = batchCalls((questions: Question[]) => runValidation(thread, questions), {
    max: maxBatch,
    limits: waitingLimits,
  });
  // Outlines are made one at a time, so that a validation waits for one outline at most.
  const outlineLimiter = createFairLimiter(waitingLimits);

  async function checkPlan(plan: Plan<Configuration>): Promise<Warning[]> {
    const { space } = plan;
    const text = writePlan(plan);
    let verdict = await unwrapAnswer(validateInBatch(space, { plan: text, outlines: [] }));
    if (verdict.kind === 'missing') {
      const missing: [Digest, string][] = [];
      for (const digest of verdict.digests) {
        const outline = await outlines.load(digest, (archive) =>
          readOutlineAnswer(
            outlineLimiter.run(space, () => thread.call({ kind: 'outline', archive, limits })),
          ),
        );
        if (outline === undefined) return [];
        missing.push([digest, outline]);
      }
      verdict = await unwrapAnswer(validateInBatch(space, { plan: text, outlines: missing }));
    }
    if (verdict.kind !== 'fine') throw new Error(`the thread answered ${verdict.kind} to a check`);
    const { warnings } = verdict;
    passed.set(planKey(plan), warnings, warnings.length > 0 ? 2 * JSON.stringify(warnings).length : 0);
    return warnings;
  }

  return {
    findPassed: (plan) => passed.get(planKey(plan)),
    async check(plan) {
      const cachedRefusal = refusals.get(plan);
      if (cachedRefusal) throw cachedRefusal;
      try {
        return await checkPlan(plan);
      } catch (error) {
        if (isRegistryError(error, 'schema.invalid')) refusals.set(plan, error);
        throw error;
      }
    },
    warm: () => thread.warm(),
    close: () => thread.close(),
  };
}

/** Hashes all that the verdict depends on; the new chart's name and type are included only where they cause a warning. */
function planKeyOf({ chart, values, metadata, root }: Plan<Configuration>): string {
  const name = findNameFault(chart) === undefined ? '' : chart;
  return createHash('sha256')
    .update(
      `[${JSON.stringify(values)},${writeNode(root)},${JSON.stringify(name)},${metadata?.type === 'library'}]`,
    )
    .digest('base64');
}

/** Throws an answer that is a fault. @throws {RegistryError} also when the thread exceeded its time or memory */
async function unwrapAnswer<T extends CheckAnswer | PlanVerdict | undefined>(
  answering: Promise<T>,
): Promise<T> {
  try {
    const answer = await answering;
    if (answer?.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
    return answer;
  } catch (error) {
    if (!(error instanceof ThreadExceeded)) throw error;
    throw validationStoppedError(error);
  }
}

/** Creates the function that returns a plan's key, and computes it once for each plan. */
function createPlanKeyLookup(): (plan: Plan<Configuration>) => string {
  const keys = new WeakMap<Plan<Configuration>, string>();
  return (plan) => {
    const key = keys.get(plan) ?? planKeyOf(plan);
    keys.set(plan, key);
    return key;
  };
}

/** Creates the cache of plans with a bad schema; the least recently used entries go first. */
function createRefusalCache(planKey: (plan: Plan<Configuration>) => string) {
  const refused = new LRUCache<string, RegistryError>({ max: maxRefusedPlans });
  // Messages name the new chart, so its name belongs to the key.
  const refusalKey = (plan: Plan<Configuration>) => `${planKey(plan)} ${plan.chart}`;
  return {
    get: (plan: Plan<Configuration>) => refused.get(refusalKey(plan)),
    set: (plan: Plan<Configuration>, error: RegistryError) => void refused.set(refusalKey(plan), error),
  };
}

async function runValidation(
  thread: Thread<CheckRequest, CheckAnswer>,
  questions: readonly Question[],
): Promise<PlanVerdict[]> {
  const plans = questions.map(({ plan }) => plan);
  const sent = questions.flatMap((question) => question.outlines);
  const answer = await thread.call({ kind: 'check', plans, outlines: sent });
  if (answer.kind !== 'verdicts') throw new Error(`the thread answered ${answer.kind} to a check`);
  return answer.verdicts;
}

/** Reads the thread's outline. @returns undefined for an archive that is damaged since its upload */
async function readOutlineAnswer(answering: Promise<CheckAnswer>): Promise<string | undefined> {
  const answer = await unwrapAnswer(
    answering.then((outlineAnswer) => (outlineAnswer.kind === 'fault' ? undefined : outlineAnswer)),
  );
  if (answer && answer.kind !== 'outline') throw new Error('the thread did not answer with an outline');
  return answer?.outline;
}
