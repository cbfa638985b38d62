/** Bytes of an entry that lists have whole. Those of charts in use have one to four thousand. */
export const maxListedEntry = 64 * 1024;

// Fields that `helm search` shows and `helm pull` needs; the rest is for reading, and is where an entry has its length.
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
 * SQL of an entry as lists and indexes have it, over the version `v`: one that is too long without what can be left out. A
 * release before the limits of Chart.yaml stored entries of megabytes, and an index has all of a space's in memory.
 */
export const listedEntrySql = `CASE WHEN octet_length(v.entry) <= ${maxListedEntry} THEN v.entry ELSE (
  SELECT json_object_agg(key, value)::text FROM json_each(v.entry::json)
   WHERE key IN (${neededKeys.map((key) => `'${key}'`).join(', ')}) AND octet_length(value::text) <= 4096) END`;
