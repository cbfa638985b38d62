import { effect } from '@preact/signals';
import { announce } from '../parts/announce.tsx';
import { hasExactTimes } from '../parts/time.tsx';
import { readSetting, writeSetting } from './settings.ts';

/** Parts of which a click does something else. */
const otherClickTargets = 'a, button, summary, label, [role="option"], [role="treeitem"]';

/** Changes all times between exact ones and words, and says so. */
export function toggleExactTimes(): void {
  hasExactTimes.value = !hasExactTimes.peek();
  announce(hasExactTimes.peek() ? 'Times are exact.' : 'Times are in words.');
}

/** Shows times as chosen before, and changes them when one is clicked. Fingers hover over nothing. */
export function applyExactTimes(): void {
  hasExactTimes.value = readSetting('times') === 'exact';
  effect(() => writeSetting('times', hasExactTimes.value ? 'exact' : undefined));
  addEventListener('click', ({ target }) => {
    if (!(target instanceof Element) || !target.closest('time') || target.closest(otherClickTargets)) return;
    // Selecting a time, to copy it, ends with a click.
    if (getSelection()?.isCollapsed !== false) toggleExactTimes();
  });
}
