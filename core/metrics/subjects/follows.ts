import { defineSubject } from '../subject.ts';

/** Metrics of charts that are composed anew when their sources change. */
export const followsSubject = defineSubject({
  title: 'Follows',
  metrics: {
    follows_due: {
      type: 'gauge',
      help: 'Followed charts in the whole registry whose sources have changed and that are not composed anew yet, counted up to 10,000.',
      labels: [],
      merge: 'max',
    },
    follows_overdue_seconds: {
      type: 'gauge',
      help: 'Seconds since the longest overdue followed chart should have been composed; 0 without one, and for those that wait for charts below them, for their own composition, or behind the maximum of jobs.',
      labels: [],
      merge: 'max',
    },
  },
  panels: [
    {
      title: 'Followed charts that are due',
      unit: 'short',
      queries: [{ expr: 'max(helm_registry_follows_due)', legend: 'due' }],
    },
    {
      title: 'Longest overdue followed chart',
      unit: 's',
      queries: [{ expr: 'max(helm_registry_follows_overdue_seconds)', legend: 'overdue' }],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryFollowsWait',
      expr: 'max by (job) (helm_registry_follows_overdue_seconds) > 1800',
      for: '5m',
      severity: 'warning',
      summary: 'A followed chart should have been composed more than half an hour ago.',
      remedy:
        'See that workers run (`helm_registry_workers`) and that they reach the database. Where one chart stays, look at its runs (`GET .../follow`) and at the log (`a followed chart could not be composed`).',
    },
  ],
});
