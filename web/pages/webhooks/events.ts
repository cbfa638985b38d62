/** Events that a webhook can ask for, by their groups; a group and `*` mean also what is added to them later. */
export const eventGroups: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Versions: {
    'version.*': 'All of these',
    'version.published': 'A version is new',
    'version.replaced': 'A version has another archive',
    'version.deleted': 'A version was deleted',
  },
  Jobs: {
    'job.*': 'All of these',
    'job.succeeded': 'A chart was composed',
    'job.failed': 'A chart could not be composed',
    'job.cancelled': 'A job was cancelled',
  },
  Follows: {
    'follow.*': 'All of these',
    'follow.composed': 'A chart was composed anew',
    'follow.failed': 'A chart could not be composed anew',
  },
  Mirrors: {
    'mirror.*': 'All of these',
    'mirror.completed': 'A run has copied what there was',
    'mirror.failed': 'A run has not, or not all of it',
  },
  Quotas: {
    'quota.*': 'All of these',
    'quota.near': 'The space has come to use 85 % of a quota',
  },
  Retention: {
    'retention.*': 'All of these',
    'retention.succeeded': 'A run has deleted what it found',
    'retention.halted': 'A run has ended before it deleted what it found',
    'retention.failed': 'A run makes no progress',
  },
  Tokens: {
    'token.*': 'All of these',
    'token.expiring': 'A token of a service account of the space expires within a week',
  },
};

/** Selector of all events. */
export const allEventsSelector = '*';
