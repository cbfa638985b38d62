import { createHash } from 'node:crypto';
import type { Digest } from '../../blobs/port.ts';
import type { ChartLimits } from '../../chart/limits.ts';
import { isRegistryError, RegistryError } from '../../errors.ts';
import type { Plan, PlannedNode } from '../../recipe/plan.ts';
import { createThread, ThreadExceeded } from '../../threads/thread.ts';
import { askTogether } from './ask-together.ts';
import { createFairGate } from './fair-gate.ts';
import type { CheckAnswer, CheckRequest, Verdict } from './messages.ts';
import type { OutlineStore } from './outlines.ts';
import { checkStopped, threadLimits, threadProgram } from './thread-program.ts';

/** Checks what a plan's values will be against the schemas of its sources, beside the event loop. */
export interface ValuesChecker {
  /** Whether this plan, or one that differs in nothing that matters to values, has passed already. */
  hasPassed(plan: Plan): boolean;
  /**
   * @throws {RegistryError} `values.invalid`, `schema.invalid`, and `recipe.invalid` for names that clash; nothing when a
   *   source has gone in the meantime, which whoever claims the sources finds out; `service.busy` when too many wait
   */
  check(plan: Plan): Promise<void>;
  /**
   * Checks the values of a packed chart against its own schema and those of the charts inside.
   * @throws {RegistryError} `values.invalid`, `schema.invalid`, with pointers into values.yaml; `service.busy`
   */
  checkArchive(space: string, archive: Buffer): Promise<void>;
  close(): Promise<void>;
}

interface Question {
  /** JSON text. */
  plan: string;
  /** Outlines that the thread said it lacks. */
  outlines: [Digest, string][];
}

/** Plans that are sent together, when they come faster than they are checked: a message costs more than a check. */
const mostTogether = 32;

/** Plans that may wait, so that those who ask do not wait for minutes. */
const waitingLimits = { maxPerSpace: 500, maxTotal: 2_000 };

/** Plans that are remembered to have passed. */
const mostPassed = 10_000;

/** Plans whose schemas are bad that are remembered, so that asking again costs nothing. */
const maxRefused = 1_000;

export function createValuesChecker(outlines: OutlineStore, limits: ChartLimits): ValuesChecker {
  const thread = createThread<CheckRequest, CheckAnswer>({
    file: threadProgram(),
    ...threadLimits,
  });
  const passed = new Set<string>();
  const refused = new Map<string, RegistryError>();
  const keys = new WeakMap<Plan, string>();

  function recallKey(plan: Plan): string {
    const key = keys.get(plan) ?? keyOf(plan);
    keys.set(plan, key);
    return key;
  }

  async function judge(questions: Question[]): Promise<Verdict[]> {
    const plans = questions.map(({ plan }) => plan);
    const brought = questions.flatMap((question) => question.outlines);
    const answer = await thread.call({ kind: 'check', plans, outlines: brought });
    if (answer.kind !== 'verdicts') throw new Error(`the thread answered ${answer.kind} to a check`);
    return answer.verdicts;
  }

  const judgeTogether = askTogether(judge, { max: mostTogether, ...waitingLimits });
  // One at a time, so that a check waits for one outline at most.
  const outlineGate = createFairGate(waitingLimits);

  /** @throws {RegistryError} also for what the thread could not do */
  async function settle<T extends CheckAnswer | Verdict>(asked: Promise<T>): Promise<T> {
    try {
      const answer = await asked;
      if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
      return answer;
    } catch (error) {
      if (!(error instanceof ThreadExceeded)) throw error;
      throw checkStopped(error);
    }
  }

  async function makeOutline(space: string, archive: Buffer): Promise<string> {
    const asked = outlineGate.pass(space, () => thread.call({ kind: 'outline', archive, limits }));
    const answer = await settle(asked);
    if (answer.kind !== 'outline') throw new Error('the thread did not answer with an outline');
    return answer.outline;
  }

  /** Messages name the new chart, so its name belongs to the key. */
  function nameRefusal(plan: Plan): string {
    return `${recallKey(plan)} ${plan.chart}`;
  }

  function keepRefusal(plan: Plan, error: RegistryError): void {
    refused.set(nameRefusal(plan), error);
    for (const oldest of refused.keys()) {
      if (refused.size <= maxRefused) break;
      refused.delete(oldest);
    }
  }

  async function checkPlan(plan: Plan): Promise<void> {
    const { space } = plan;
    const text = JSON.stringify(plan);
    let verdict = await settle(judgeTogether(space, { plan: text, outlines: [] }));
    if (verdict.kind === 'missing') {
      const brought: [Digest, string][] = [];
      for (const digest of verdict.digests) {
        const outline = await outlines.load(digest, (archive) => makeOutline(space, archive));
        if (outline === undefined) return;
        brought.push([digest, outline]);
      }
      verdict = await settle(judgeTogether(space, { plan: text, outlines: brought }));
    }
    if (verdict.kind !== 'fine') throw new Error(`the thread answered ${verdict.kind} to a check`);
    passed.add(recallKey(plan));
    for (const oldest of passed) {
      if (passed.size <= mostPassed) break;
      passed.delete(oldest);
    }
  }

  return {
    hasPassed: (plan) => !isChecked(plan) || passed.has(recallKey(plan)),
    async check(plan) {
      const known = refused.get(nameRefusal(plan));
      if (known) throw known;
      try {
        await checkPlan(plan);
      } catch (error) {
        if (isRegistryError(error, 'schema.invalid')) keepRefusal(plan, error);
        throw error;
      }
    },
    async checkArchive(space, archive) {
      await settle(outlineGate.pass(space, () => thread.call({ kind: 'chart', archive, limits })));
    },
    close: () => thread.close(),
  };
}

/** Literal values are for no schema; then only names can clash. */
function isChecked(plan: Plan): boolean {
  return plan.values !== 'literal' || keepsAny(plan.root);
}

function keepsAny(node: PlannedNode): boolean {
  return node.keep === true || node.children.some((child) => keepsAny(child.node));
}

/** Of everything that the verdict depends on; names of the new chart are not among it. */
function keyOf({ values, root }: Plan): string {
  return createHash('sha256')
    .update(JSON.stringify([values, root]))
    .digest('base64');
}
