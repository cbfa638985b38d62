import type { VersionRef } from '@helm-registry/client';
import { createQuery } from './query.ts';

/** Artifact that refers to a version: a signature, an attestation, a list of parts. */
export interface Referrer {
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Readonly<Record<string, string>>;
}

/** Version as an OCI artifact, and what refers to it. */
export interface OciArtifact {
  digest: string;
  referrers: readonly Referrer[];
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Manifest of a version and its referrers; undefined where the session of a browser may not read them. */
export const referrersQuery = createQuery(
  async ({ space, chart, version }: VersionRef, signal): Promise<OciArtifact | undefined> => {
    const repository = `/v2/${encodeURIComponent(space)}/${encodeURIComponent(chart)}`;
    const tag = encodeURIComponent(version.replaceAll('+', '_'));
    const manifest = await fetch(`${repository}/manifests/${tag}`, {
      headers: { Accept: manifestType },
      signal,
    });
    const digest = manifest.headers.get('docker-content-digest');
    if (!manifest.ok || digest === null) return undefined;
    const response = await fetch(`${repository}/referrers/${digest}`, { signal });
    if (!response.ok) return undefined;
    const { manifests }: { manifests: readonly Referrer[] } = await response.json();
    return { digest, referrers: manifests };
  },
);
