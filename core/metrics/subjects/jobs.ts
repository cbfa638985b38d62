import { defineSubject } from '../subject.ts';

/** Metrics of jobs and of the workers that run them. */
export const jobsSubject = defineSubject({
  title: 'Jobs',
  metrics: {
    jobs: {
      type: 'gauge',
      help: 'Jobs that are queued or running in the whole registry, counted up to 10,000 of each.',
      labels: ['state'],
      merge: 'max',
    },
    jobs_oldest_age_seconds: {
      type: 'gauge',
      help: 'Seconds since the oldest queued job was accepted, and since the oldest running one began; 0 without one.',
      labels: ['state'],
      merge: 'max',
    },
    jobs_ended_total: {
      type: 'counter',
      help: 'Jobs that this host has ended, by their final state.',
      labels: ['state'],
    },
    job_duration_seconds: {
      type: 'histogram',
      help: 'Seconds that an ended job spent in a stage (queued, fetching, composing, storing).',
      labels: ['stage'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    },
    workers: {
      type: 'gauge',
      help: 'Live workers of the whole registry.',
      labels: [],
      merge: 'max',
    },
    held: {
      type: 'gauge',
      help: 'Whether the registry is held (1), so that workers begin nothing until `helm-registry resume`.',
      labels: [],
      merge: 'max',
    },
  },
  panels: [
    {
      title: 'Unfinished jobs',
      unit: 'short',
      queries: [{ expr: 'max by (state) (helm_registry_jobs)', legend: '{{state}}' }],
    },
    {
      title: 'Age of the oldest unfinished job',
      unit: 's',
      queries: [{ expr: 'max by (state) (helm_registry_jobs_oldest_age_seconds)', legend: '{{state}}' }],
    },
    {
      title: 'Ended jobs',
      unit: 'ops',
      queries: [
        {
          expr: 'sum by (state) (rate(helm_registry_jobs_ended_total[$__rate_interval]))',
          legend: '{{state}}',
        },
      ],
    },
    {
      title: 'Duration of stages, 95th percentile',
      unit: 's',
      queries: [
        {
          expr: 'histogram_quantile(0.95, sum by (le, stage) (rate(helm_registry_job_duration_seconds_bucket[$__rate_interval])))',
          legend: '{{stage}}',
        },
      ],
    },
    {
      title: 'Live workers',
      unit: 'short',
      queries: [
        { expr: 'max(helm_registry_workers)', legend: 'workers' },
        { expr: 'max(helm_registry_held)', legend: 'held (1)' },
      ],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryNoWorker',
      expr: 'max by (job) (helm_registry_workers) == 0',
      for: '2m',
      severity: 'critical',
      summary: 'No worker is alive: queued jobs and webhooks wait.',
      remedy:
        'Start a `worker` (or `serve`), and look at why the last one ended: its log, its memory limit. Nothing that was accepted is lost; it is done once a worker lives.',
    },
    {
      name: 'HelmRegistryHeld',
      expr: 'max by (job) (helm_registry_held) == 1',
      for: '30m',
      severity: 'warning',
      summary: 'The registry has been held for half an hour: jobs, webhooks and mirrors wait.',
      remedy:
        'Run `helm-registry resume` once the restored copy has been looked through; `resume --dry-run` tells the reason of the hold, and what begins then.',
    },
    {
      name: 'HelmRegistryJobsWait',
      expr: 'max by (job) (helm_registry_jobs_oldest_age_seconds{state="queued"}) > 300',
      for: '5m',
      severity: 'warning',
      summary: 'A job has waited for more than five minutes.',
      remedy:
        'Look whether the registry is held (`workers` in `/readyz`, `HelmRegistryHeld`). Where the number of queued jobs grows, start more workers or raise `WORKER_CONCURRENCY`. Where it does not, look at that job (`GET /api/v1/jobs?state=queued`): its attempts fail, for example since the store is away.',
    },
    {
      name: 'HelmRegistryJobsFail',
      expr: 'sum by (job) (increase(helm_registry_jobs_ended_total{state="failed"}[15m])) > 10',
      for: '5m',
      severity: 'warning',
      summary: 'More than ten jobs have failed in a quarter of an hour.',
      remedy:
        'Look at their errors (`GET /api/v1/jobs?state=failed`): a source that is gone, rights that were taken away, a damaged archive (`helm-registry verify`).',
    },
  ],
});
