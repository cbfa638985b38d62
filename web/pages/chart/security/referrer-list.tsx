import type { Referrer } from '../../../api/referrers.ts';
import { describeBytes } from '../../../parts/bytes.ts';
import { CopyButton } from '../../../parts/copy-button.tsx';

const artifactTypeNames: Readonly<Record<string, string>> = {
  'application/vnd.dev.cosign.artifact.sig.v1+json': 'Signature of cosign',
  'application/vnd.dev.sigstore.bundle.v0.3+json': 'Bundle of sigstore',
  'application/vnd.in-toto+json': 'Attestation (in-toto)',
  'application/spdx+json': 'List of parts (SPDX)',
  'application/vnd.cyclonedx+json': 'List of parts (CycloneDX)',
};

/** Artifacts that refer to a version. */
export function ReferrerList({ referrers }: { referrers: readonly Referrer[] }) {
  if (referrers.length === 0) return <p class="muted">Nothing refers to this version.</p>;
  return (
    <ul class="changes-list">
      {referrers.map(({ digest, size, artifactType = '', annotations = {} }) => (
        <li key={digest}>
          <p>
            <strong>{artifactTypeNames[artifactType] ?? 'Artifact'}</strong>{' '}
            <span class="muted small">
              <bdi>{artifactType}</bdi> · {describeBytes(size)}
            </span>
          </p>
          <p class="row">
            <code>{digest}</code> <CopyButton text={digest} label="digest" />
          </p>
          {Object.entries(annotations)
            .slice(0, 20)
            .map(([name, value]) => (
              <p key={name} class="small muted">
                <bdi>{name}</bdi>: <bdi>{value.slice(0, 500)}</bdi>
              </p>
            ))}
        </li>
      ))}
    </ul>
  );
}
