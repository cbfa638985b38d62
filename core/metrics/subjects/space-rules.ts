import { defineSubject } from '../subject.ts';

/** Metrics of quotas, mirrors and retention; `METRICS_SPACES` switches them off. */
export const spaceRulesSubject = defineSubject({
  title: 'Quotas, mirrors and retention',
  metrics: {
    space_quota_bytes: {
      type: 'gauge',
      help: 'Quota in bytes of a space that has one, of the first 1,000 such spaces by name.',
      labels: ['space'],
      merge: 'max',
    },
    space_quota_used_bytes: {
      type: 'gauge',
      help: 'Bytes that count against the quota of a space: those of its blobs, each of them once.',
      labels: ['space'],
      merge: 'max',
    },
    mirror_last_success_timestamp_seconds: {
      type: 'gauge',
      help: 'Time at which the last complete run of a mirror ended that runs at least once a day; before the first, when it was set.',
      labels: ['space'],
      merge: 'max',
    },
    retention_last_success_timestamp_seconds: {
      type: 'gauge',
      help: 'Time at which a run of the scheduled retention of a space last deleted all that it found; before the first time, when the rules were set.',
      labels: ['space'],
      merge: 'max',
    },
  },
  panels: [
    {
      title: 'Spaces that are fullest',
      unit: 'percentunit',
      queries: [
        {
          expr: 'topk(10, max by (space) (helm_registry_space_quota_used_bytes) / max by (space) (helm_registry_space_quota_bytes))',
          legend: '{{space}}',
        },
      ],
    },
    {
      title: 'Age of mirrors',
      unit: 's',
      queries: [
        {
          expr: 'topk(10, time() - max by (space) (helm_registry_mirror_last_success_timestamp_seconds))',
          legend: '{{space}}',
        },
      ],
    },
    {
      title: 'Age of the last retention',
      unit: 's',
      queries: [
        {
          expr: 'topk(10, time() - max by (space) (helm_registry_retention_last_success_timestamp_seconds))',
          legend: '{{space}}',
        },
      ],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryQuotaNear',
      expr: 'max by (job, space) (helm_registry_space_quota_used_bytes) / max by (job, space) (helm_registry_space_quota_bytes) > 0.85',
      for: '10m',
      severity: 'warning',
      summary: 'A space uses more than 85 % of its quota in bytes.',
      remedy:
        'Delete versions that nobody needs, set rules of retention, or raise the quota (`helm-registry space set SPACE --quota-bytes N`). At 100 % uploads are refused.',
    },
    {
      name: 'HelmRegistryMirrorStale',
      expr: 'time() - max by (job, space) (helm_registry_mirror_last_success_timestamp_seconds) > 172800',
      for: '15m',
      severity: 'warning',
      summary: 'No run of a mirror was complete for two days.',
      remedy:
        'Look at its last run (`GET .../mirror`) and at the versions that failed (`GET .../mirror/versions?outcome=failed`). What was copied is served meanwhile. The alert leaves out mirrors with more than a day between two runs.',
    },
    {
      name: 'HelmRegistryRetentionStale',
      expr: 'time() - max by (job, space) (helm_registry_retention_last_success_timestamp_seconds) > 259200',
      for: '15m',
      severity: 'warning',
      summary: 'The retention of a space has not deleted what it should for three days.',
      remedy:
        'Look at its last runs (`GET .../retention/runs`): one that is `halted` found more than `mostDeleted`. No worker runs it while there is none alive. With a longer `RETENTION_INTERVAL`, raise the number in the rule.',
    },
  ],
});
