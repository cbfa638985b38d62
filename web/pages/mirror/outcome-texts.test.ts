import { expect, it } from 'vitest';
import { isHere } from './outcome-texts.ts';
import { versionOutcomes } from './outcomes.ts';

it('versions that did not come, or went again, have no page to lead to', () => {
  expect(versionOutcomes.filter((outcome) => !isHere(outcome))).toEqual(['failed', 'skipped', 'pruned']);
});
