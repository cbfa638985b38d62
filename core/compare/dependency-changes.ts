import { compareBytes } from '../archive/chart-order.ts';
import type { Chart, Dependency } from '../chart/chart.ts';
import { equalJson } from '../yaml/json.ts';
import { type CompareBudget, chargeValues } from './budget.ts';
import type { CompareOptions, DependencyChange, ListPage } from './comparison.ts';
import { changeKindOf, presentSides } from './key-changes.ts';
import { createPageCollector } from './list-page.ts';

/** Lists the changed entries of the dependencies that two charts declare, by alias or name. */
export function listDependencyChanges(
  from: Pick<Chart, 'dependencies'>,
  to: Pick<Chart, 'dependencies'>,
  options: Pick<CompareOptions, 'start' | 'limit'>,
  budget: CompareBudget,
): ListPage<DependencyChange> {
  const { add, page } = createPageCollector<DependencyChange>(options);
  const before = entriesByName(from);
  const after = entriesByName(to);
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort(compareBytes)) {
    const left = before.get(key);
    const right = after.get(key);
    if (left && right && equalJson(left, right)) continue;
    add(() => {
      const isShown = chargeValues(budget, [left, right]);
      if (!isShown) budget.truncated = true;
      const sides = isShown ? presentSides(left, right) : { truncated: true as const };
      return { name: nameOf(left ?? right), change: changeKindOf(left, right), ...sides };
    });
  }
  return page;
}

/** Entries by their names; of several with one name, those behind the first are counted. */
function entriesByName({ dependencies }: Pick<Chart, 'dependencies'>): Map<string, Dependency> {
  const entries = new Map<string, Dependency>();
  const counts = new Map<string, number>();
  for (const entry of dependencies) {
    const name = nameOf(entry);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    entries.set(`${name}\0${count}`, entry);
  }
  return entries;
}

function nameOf(entry: Dependency | undefined): string {
  return entry?.alias || entry?.name || '';
}
