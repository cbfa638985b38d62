import { expect, it } from 'vitest';
import { isStoredOutcome } from './outcome-texts.ts';
import { versionOutcomes } from './outcomes.ts';

it('versions that did not come, or went again, have no page to lead to', () => {
  expect(versionOutcomes.filter((outcome) => !isStoredOutcome(outcome))).toEqual([
    'failed',
    'skipped',
    'pruned',
  ]);
});
