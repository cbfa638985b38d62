import { expect, it } from 'vitest';
import { createSlugMaker, toSlug } from './slug.ts';

it('headings get the ids that GitHub gives them', () => {
  expect(toSlug("What's new? (v1.2) & more")).toBe('whats-new-v12--more');
  expect(toSlug('Grüße, שלום')).toBe('grüße-שלום');
  const slug = createSlugMaker();
  expect([slug('Install'), slug('Install'), slug('!!!'), slug('install')]).toEqual([
    'install',
    'install-1',
    'section',
    'install-2',
  ]);
});
