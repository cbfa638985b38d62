import type { VersionRef } from '@helm-registry/client';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

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

/** Manifest of a version and its referrers; undefined where the reader may not read them there. */
export const referrersQuery = createQuery(
  async ({ space, chart, version }: VersionRef, signal): Promise<OciArtifact | undefined> => {
    const repository = `/v2/${encodeURIComponent(space)}/${encodeURIComponent(chart)}`;
    const credentials = await requestAuthorizationHeader(`${space}/${chart}`, signal);
    const tag = encodeURIComponent(version.replaceAll('+', '_'));
    const manifest = await fetch(`${repository}/manifests/${tag}`, {
      headers: { ...credentials, Accept: manifestType },
      signal,
    });
    const digest = manifest.headers.get('docker-content-digest');
    if (!manifest.ok || digest === null) return undefined;
    const response = await fetch(`${repository}/referrers/${digest}`, { headers: credentials, signal });
    if (!response.ok) return undefined;
    const { manifests }: { manifests: readonly Referrer[] } = await response.json();
    return { digest, referrers: manifests };
  },
);

/** Credentials for a repository: the session of a reader who is logged in, else a token, as OCI clients get it. */
async function requestAuthorizationHeader(
  repository: string,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const { kind } = await registry.whoami({ signal });
  if (kind !== 'anonymous') return {};
  const query = new URLSearchParams({ service: 'helm-registry', scope: `repository:${repository}:pull` });
  const response = await fetch(`/v2/token?${query}`, { signal });
  if (!response.ok) return {};
  const { token }: { token: string } = await response.json();
  return { Authorization: `Bearer ${token}` };
}
