import { flagSchema, oneOfSchema, spaceNameSchema, wholeNumberSchema } from '../shapes.ts';
import { mebibyte, setting } from './setting.ts';

/** Settings of spaces. */
export const spacesSettings = {
  autoCreateSpaces: setting({
    key: 'spaces.autocreate',
    env: 'SPACES_AUTOCREATE',
    schema: flagSchema,
    default: true,
    doc: 'Whether an upload into a space that does not exist creates it.',
  }),
  overwriting: setting<'mutable' | 'immutable'>({
    key: 'spaces.overwriting',
    env: 'SPACES_OVERWRITING',
    schema: oneOfSchema('mutable', 'immutable'),
    default: 'mutable',
    doc: 'Policy of a new space: `mutable` lets existing versions be replaced, rewritten and deleted, `immutable` does not. `PATCH /api/v1/spaces/{space}` changes it for one space.',
  }),
  rootSpace: setting<string>({
    key: 'spaces.root',
    env: 'SPACES_ROOT',
    schema: spaceNameSchema,
    default: '',
    doc: 'Space that is at the root as well, as it was with ChartMuseum without tenants: `/index.yaml`, `/charts/...`, `/api/charts`. An API creates it at start if it does not exist. Empty for none.',
  }),
  nestedCharts: setting<'refuse' | 'store'>({
    key: 'oci.nestedcharts',
    env: 'OCI_NESTED_CHARTS',
    schema: oneOfSchema('refuse', 'store'),
    default: 'refuse',
    doc: 'What becomes of a chart that is pushed to an OCI repository deeper than `SPACE/NAME`: `refuse` answers 400 with the address to push to, `store` keeps it as an artifact, which no list, search, index or recipe has. Other artifacts are stored at any depth.',
  }),
  quotaBytes: setting({
    key: 'quota.bytes',
    env: 'QUOTA_BYTES',
    schema: wholeNumberSchema(0, Number.MAX_SAFE_INTEGER),
    default: 0,
    doc: 'Bytes of blobs that a space may have, each counted once, unless an admin has set another quota for it. A write beyond it is answered 403 `quota.exceeded`. 0 for none. Every process needs the same.',
  }),
  quotaVersions: setting({
    key: 'quota.versions',
    env: 'QUOTA_VERSIONS',
    schema: wholeNumberSchema(0, 1_000_000_000),
    default: 0,
    doc: 'Versions that a space may have, likewise. 0 for none.',
  }),
};

/** Limits of uploads and requests. */
export const limitsSettings = {
  limitPacked: setting({
    key: 'limits.packed',
    env: 'LIMIT_PACKED',
    schema: wholeNumberSchema(1024, 1024 * mebibyte),
    default: 20 * mebibyte,
    doc: 'Bytes of an archive as it is uploaded.',
  }),
  limitUnpacked: setting({
    key: 'limits.unpacked',
    env: 'LIMIT_UNPACKED',
    schema: wholeNumberSchema(1024, 4096 * mebibyte),
    default: 100 * mebibyte,
    doc: "Bytes of an archive unpacked (Helm's own limit).",
  }),
  limitFile: setting({
    key: 'limits.file',
    env: 'LIMIT_FILE',
    schema: wholeNumberSchema(1024, 1024 * mebibyte),
    default: 5 * mebibyte,
    doc: "Bytes of one file in an archive (Helm's own limit).",
  }),
  limitEntries: setting({
    key: 'limits.entries',
    env: 'LIMIT_ENTRIES',
    schema: wholeNumberSchema(1, 1_000_000),
    default: 10_000,
    doc: 'Entries of one archive, those of archives inside it included.',
  }),
  limitBlob: setting({
    key: 'limits.blob',
    env: 'LIMIT_BLOB',
    // S3 accepts five gibibytes in one request.
    schema: wholeNumberSchema(1024, 5 * 1024 * mebibyte),
    default: 1024 * mebibyte,
    doc: 'Bytes of a blob of the OCI interface. Archives of charts have the limits above as well.',
  }),
  limitRecipe: setting({
    key: 'limits.recipe',
    env: 'LIMIT_RECIPE',
    schema: wholeNumberSchema(1024, 64 * mebibyte),
    default: mebibyte,
    doc: 'Bytes of a recipe, and of metadata or values that are sent as JSON.',
  }),
};

/** Settings of retention. */
export const retentionSettings = {
  retentionInterval: setting({
    key: 'retention.interval',
    env: 'RETENTION_INTERVAL',
    schema: wholeNumberSchema(0, 31_536_000),
    default: 86_400,
    doc: 'Seconds between two runs of the retention of a space, where its rules are scheduled. 0 for none but those that somebody asks for. Every process needs the same.',
  }),
};

/** Settings of garbage collection. */
export const gcSettings = {
  gcInterval: setting({
    key: 'gc.interval',
    env: 'GC_INTERVAL',
    schema: wholeNumberSchema(0, 31_536_000),
    default: 3600,
    doc: 'Seconds between two garbage collections of orphaned blobs. 0 for none but `helm-registry gc`.',
  }),
  gcGrace: setting({
    key: 'gc.grace',
    env: 'GC_GRACE',
    schema: wholeNumberSchema(0, 31_536_000),
    default: 3600,
    doc: 'Seconds that an orphaned blob is kept, so that running downloads can finish. Every process needs the same.',
  }),
  restoreFor: setting({
    key: 'restore.for',
    env: 'RESTORE_FOR',
    schema: wholeNumberSchema(0, 31_536_000),
    default: 604_800,
    doc: 'Seconds for which a deleted version can be restored; until then its archive takes up room in the store. Less than `GC_GRACE` counts as that. Every process needs the same.',
  }),
  ociExpiry: setting({
    key: 'oci.expiry',
    env: 'OCI_EXPIRY',
    schema: wholeNumberSchema(60, 31_536_000),
    default: 86_400,
    doc: 'Seconds after which an idle OCI upload session ends, and garbage collection deletes an OCI blob that no manifest has referenced.',
  }),
};
