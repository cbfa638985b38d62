import { Badge, type Tone } from '../../../parts/badge.tsx';

const tones: Readonly<Record<string, Tone>> = {
  added: 'good',
  removed: 'danger',
  upgraded: 'good',
  downgraded: 'warn',
};

/** Kind of a change, as a word in its colour. */
export function ChangeBadge({ change }: { change: string }) {
  return <Badge tone={tones[change]}>{change}</Badge>;
}
