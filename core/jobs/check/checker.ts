import { createHash } from 'node:crypto';
import type { Digest } from '../../blobs/port.ts';
import type { ChartLimits } from '../../chart/limits.ts';
import { RegistryError } from '../../errors.ts';
import type { Plan, PlannedNode } from '../../recipe/plan.ts';
import { createThread, ThreadExceeded } from '../../threads/thread.ts';
import { askTogether } from './ask-together.ts';
import type { CheckAnswer, CheckRequest, Verdict } from './messages.ts';
import type { OutlineStore } from './outlines.ts';
import { threadProgram } from './thread-program.ts';

/** Checks what a plan's values will be against the schemas of its sources, beside the event loop. */
export interface ValuesChecker {
  /** Whether this plan, or one that differs in nothing that matters to values, has passed already. */
  hasPassed(plan: Plan): boolean;
  /**
   * @throws {RegistryError} `values.invalid`, `schema.invalid`, and `recipe.invalid` for names that clash; nothing when a
   *   source has gone in the meantime, which whoever claims the sources finds out
   */
  check(plan: Plan): Promise<void>;
  /**
   * Checks the values of a packed chart against its own schema and those of the charts inside.
   * @throws {RegistryError} `values.invalid`, `schema.invalid`, with pointers into values.yaml
   */
  checkArchive(archive: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds one check may take; those of large public charts take up to 20. */
const checkLimit = 2_000;

/** MiB the thread may use. */
const memory = 512;

/** Plans that are sent together, when they come faster than they are checked: a message costs more than a check. */
const mostTogether = 32;

/** Plans that are remembered to have passed. */
const mostPassed = 10_000;

export function createValuesChecker(outlines: OutlineStore, limits: ChartLimits): ValuesChecker {
  const thread = createThread<CheckRequest, CheckAnswer>({
    file: threadProgram(),
    limit: checkLimit,
    memory,
  });
  const passed = new Set<string>();
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
  async function settle<T extends CheckAnswer | Verdict>(asked: Promise<T>, plan: Plan): Promise<T> {
    try {
      const answer = await asked;
      if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
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

  async function makeOutline(archive: Buffer, plan: Plan): Promise<string> {
    const answer = await settle(thread.call({ kind: 'outline', archive, limits }), plan);
    if (answer.kind !== 'outline') throw new Error('the thread did not answer with an outline');
    return answer.outline;
  }

  return {
    hasPassed: (plan) => !isChecked(plan) || passed.has(recallKey(plan)),
    async check(plan) {
      const text = JSON.stringify(plan);
      let verdict = await settle(judgeTogether(text), plan);
      if (verdict.kind === 'missing') {
        const brought: [Digest, string][] = [];
        for (const digest of verdict.digests) {
          const outline = await outlines.load(digest, (archive) => makeOutline(archive, plan));
          if (outline === undefined) return;
          brought.push([digest, outline]);
        }
        verdict = await settle(judge([text], brought).then(onlyOne), plan);
      }
      if (verdict.kind !== 'fine') throw new Error(`the thread answered ${verdict.kind} to a check`);
      passed.add(recallKey(plan));
      for (const oldest of passed) {
        if (passed.size <= mostPassed) break;
        passed.delete(oldest);
      }
    },
    async checkArchive(archive) {
      try {
        const answer = await thread.call({ kind: 'chart', archive, limits });
        if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
      } catch (error) {
        if (!(error instanceof ThreadExceeded)) throw error;
        const message = `The values could not be checked: the chart's schemas take ${error.message} to follow.`;
        throw new RegistryError('schema.invalid', message, { pointer: '' });
      }
    },
    close: () => thread.close(),
  };
}

function onlyOne(verdicts: Verdict[]): Verdict {
  const [verdict] = verdicts;
  if (!verdict) throw new Error('the thread gave no verdict');
  return verdict;
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
