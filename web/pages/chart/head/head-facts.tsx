import type { VersionDetails } from '@helm-registry/client';
import { describeBytes } from '../../../parts/bytes.ts';
import { CopyButton } from '../../../parts/copy-button.tsx';
import { Time } from '../../../parts/time.tsx';

/** Facts about a version in one line: dates, author, size, digest. */
export function HeadFacts({ of }: { of: VersionDetails }) {
  const isChanged = of.updatedAt !== of.createdAt;
  return (
    <ul class="chart-facts-line small muted">
      <li>
        published <Time at={of.createdAt} />
        {of.author ? (
          <>
            {' by '}
            <bdi>{of.author}</bdi>
          </>
        ) : null}
      </li>
      {isChanged ? (
        <li>
          changed <Time at={of.updatedAt} />
        </li>
      ) : null}
      <li>{describeBytes(of.size)}</li>
      <li class="row">
        <code title={of.digest}>{shortenDigest(of.digest)}</code>
        <CopyButton text={of.digest} label="digest" />
      </li>
    </ul>
  );
}

/** Writes the beginning of a digest, which is enough to recognise it. */
export function shortenDigest(digest: string): string {
  return digest.slice(0, digest.indexOf(':') + 13);
}
