import type { AnnotatedChange } from '@helm-registry/client';
import { Badge, type Tone } from '../../../parts/badge.tsx';
import { OutsideLink } from './outside-link.tsx';

const tones: Readonly<Record<string, Tone>> = {
  added: 'good',
  removed: 'danger',
  security: 'danger',
  deprecated: 'warn',
  fixed: 'accent',
};

/** Kinds that Artifact Hub knows. */
const kinds = new Set(['added', 'changed', 'deprecated', 'removed', 'fixed', 'security']);

/** Changes that a version lists in `artifacthub.io/changes`. */
export function Changes({ changes }: { changes: readonly AnnotatedChange[] }) {
  if (changes.length === 0) return null;
  return (
    <section class="changes" aria-labelledby="changes-title">
      <h2 id="changes-title">Changes in this version</h2>
      <ul class="plain">
        {changes.map(({ kind, description, links }, index) => (
          <li key={index}>
            {kind && kinds.has(kind) ? <Badge tone={tones[kind]}>{kind}</Badge> : null}{' '}
            <bdi>{description}</bdi>
            {links.map(({ name, url }) => (
              <span key={url}>
                {' '}
                <OutsideLink address={url} name={name} />
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
