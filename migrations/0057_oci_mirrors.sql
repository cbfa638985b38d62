-- Mirrors of charts in OCI registries, whose versions are known by the digests of their manifests.

-- A tag that is a version, and has something else than a chart.
ALTER TYPE mirror_outcome ADD VALUE IF NOT EXISTS 'skipped';

ALTER TABLE mirror_versions
  -- Digest of the upstream's manifest that was taken, or skipped; NULL where the upstream is a chart repository.
  ADD COLUMN manifest text,
  -- When the upstream was last asked for what refers to the manifest: signatures, attestations.
  ADD COLUMN referrers_at timestamptz;
