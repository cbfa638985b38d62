/** Largest entry in bytes (64 KiB) that lists contain whole. Entries of public charts have one to four thousand. */
export const maxListedEntry = 64 * 1024;

// Fields that `helm search` shows and `helm pull` needs. The length of an entry is in the others.
const neededKeys = [
  'apiVersion',
  'name',
  'version',
  'appVersion',
  'kubeVersion',
  'type',
  'deprecated',
  'urls',
  'created',
  'digest',
];

/**
 * SQL of an entry for lists and indexes, over the version `v`. An oversized entry is cut to the needed fields.
 * Releases without limits on Chart.yaml stored entries of megabytes, and an index has all entries of a space in
 * memory.
 */
export const listedEntrySql = `CASE WHEN octet_length(v.entry) <= ${maxListedEntry} THEN v.entry ELSE (
  SELECT json_object_agg(key, value)::text FROM json_each(v.entry::json)
   WHERE key IN (${neededKeys.map((key) => `'${key}'`).join(', ')}) AND octet_length(value::text) <= 4096) END`;
