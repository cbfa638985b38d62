import type { MirrorOutcome } from '@helm-registry/client';
import type { Tone } from '../../parts/badge.tsx';

/** Outcomes in words, with the colours of their marks. */
export const outcomeTexts: Readonly<Record<MirrorOutcome, { text: string; tone?: Tone }>> = {
  stored: { text: 'It is here as upstream has it.', tone: 'good' },
  replaced: { text: 'Upstream had other bytes, which are here now.', tone: 'accent' },
  changed: { text: 'Upstream has other bytes now. Those that were stored first are kept.', tone: 'warn' },
  failed: { text: 'It did not come.', tone: 'danger' },
  skipped: { text: 'It is not a chart, so it was left out.' },
  gone: { text: 'Upstream no longer has it. It is kept here.', tone: 'warn' },
  pruned: { text: 'Upstream no longer has it, and it was deleted here.' },
};

/** Tells whether a version with an outcome is in the space. Only such a version has a page. */
export function isStoredOutcome(outcome: MirrorOutcome): boolean {
  return outcome !== 'failed' && outcome !== 'skipped' && outcome !== 'pruned';
}
