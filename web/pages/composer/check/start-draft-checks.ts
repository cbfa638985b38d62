import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Draft, eachNode } from '../draft.ts';
import type { ConfigFault } from '../recipe-of-draft.ts';
import type { DraftSources } from '../sources/start-reading-sources.ts';
import { listSchemaChecks, type SchemaCheck } from './list-schema-checks.ts';
import { locateViolation } from './locate-violation.ts';
import { createSchemaChecker, type SchemaChecker } from './schema-checker.ts';

const pauseMs = 200;

/** Results of the checks of a node's values. */
export interface NodeChecks {
  faults: readonly ConfigFault[];
  /** Schemas that say nothing, each with the reason. */
  unchecked: readonly string[];
}

/** Results by the ids of nodes. */
export type DraftChecks = ReadonlyMap<string, NodeChecks>;

/**
 * Starts checking the values of a draft by the schemas of its charts. Checks run after each pause in typing, without the
 * registry.
 * @returns the results, and the function that ends it
 */
export function startDraftChecks(draft: ReadonlySignal<Draft>, sources: DraftSources) {
  const checks = signal<DraftChecks>(new Map());
  const checker = createSchemaChecker();
  const stop = effect(() => {
    const now = draft.value;
    const facts = new Map([...eachNode(now.root)].map((node) => [node, sources.factsOf(now.root, node)]));
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const wanted = listSchemaChecks(now, (node) => facts.get(node));
      const found = await runChecks(now, wanted, (check) => (isCurrent ? checker.check(check) : undefined));
      if (found) checks.value = found;
    }, pauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  });
  return {
    checks,
    close() {
      stop();
      checker.close();
    },
  };
}

/** Runs checks one after the other, until there is no answer. */
async function runChecks(
  { root }: Draft,
  wanted: readonly SchemaCheck[],
  ask: (check: SchemaCheck) => ReturnType<SchemaChecker['check']> | undefined,
): Promise<DraftChecks | undefined> {
  const found = new Map<string, { faults: ConfigFault[]; unchecked: string[] }>();
  const notesOf = (id: string) => {
    const notes = found.get(id) ?? { faults: [], unchecked: [] };
    found.set(id, notes);
    return notes;
  };
  for (const check of wanted) {
    const answer = await ask(check);
    if (!answer) return undefined;
    if ('unchecked' in answer)
      notesOf(check.node.id).unchecked.push(describeUnchecked(check, answer.unchecked));
    else
      for (const violation of answer.violations) {
        const { node, fault } = locateViolation(root, check, violation);
        notesOf(node.id).faults.push(fault);
      }
  }
  return found;
}

function describeUnchecked({ node, keys }: SchemaCheck, reason: string): string {
  const isOwn = keys.length === 0 || keys.at(-1) === node.name;
  return `Not checked by the schema${isOwn ? '' : ` of ${keys.at(-1)}`}: ${reason}`;
}
