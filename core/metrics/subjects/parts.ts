import { defineSubject } from '../subject.ts';

/** Metrics of the parts that a process depends on, and of its caches. */
export const partsSubject = defineSubject({
  title: 'Parts and caches',
  metrics: {
    part_up: {
      type: 'gauge',
      help: 'Whether a part can be used (1) or is down, full or held (0): database, queue, blobs, disk, workers.',
      labels: ['part'],
      merge: 'min',
    },
    database_connections: {
      type: 'gauge',
      help: 'Connections to PostgreSQL of this host by state: busy or idle. Each process may have DATABASE_POOL.',
      labels: ['state'],
    },
    database_waiting: {
      type: 'gauge',
      help: 'Callers that wait for a connection to PostgreSQL.',
      labels: [],
    },
    cache_hits_total: {
      type: 'counter',
      help: 'Reads that a cache answered: responses, downloads, blobs, indexes, files.',
      labels: ['cache'],
    },
    cache_misses_total: {
      type: 'counter',
      help: 'Reads for which a cache had no current value.',
      labels: ['cache'],
    },
    cache_bytes: { type: 'gauge', help: 'Bytes in a cache.', labels: ['cache'] },
  },
  panels: [
    {
      title: 'Parts that can be used',
      unit: 'short',
      queries: [{ expr: 'min by (part) (helm_registry_part_up)', legend: '{{part}}' }],
    },
    {
      title: 'Connections to PostgreSQL',
      unit: 'short',
      queries: [
        { expr: 'sum by (state) (helm_registry_database_connections)', legend: '{{state}}' },
        { expr: 'sum(helm_registry_database_waiting)', legend: 'waiting' },
      ],
    },
    {
      title: 'Share of reads from caches',
      unit: 'percentunit',
      queries: [
        {
          expr: 'sum by (cache) (rate(helm_registry_cache_hits_total[$__rate_interval])) / (sum by (cache) (rate(helm_registry_cache_hits_total[$__rate_interval])) + sum by (cache) (rate(helm_registry_cache_misses_total[$__rate_interval])))',
          legend: '{{cache}}',
        },
      ],
    },
    {
      title: 'Bytes in caches',
      unit: 'bytes',
      queries: [{ expr: 'sum by (cache) (helm_registry_cache_bytes)', legend: '{{cache}}' }],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryPartDown',
      expr: 'min by (job, part) (helm_registry_part_up{part!="workers"}) == 0',
      for: '2m',
      severity: 'critical',
      summary: 'The part {{ $labels.part }} is down or full.',
      remedy:
        '`database`: all requests fail; start PostgreSQL. `queue`: recipes are accepted and wait; start Redis. `blobs`: uploads fail, and downloads of what is not in memory. `disk`: writes are refused until there is space in `DATA_DIR`. The log names the error once a minute.',
    },
    {
      name: 'HelmRegistryPoolExhausted',
      expr: 'min_over_time(helm_registry_database_waiting[5m]) > 0',
      for: '5m',
      severity: 'warning',
      summary: 'Requests have waited for a connection to PostgreSQL all the time for five minutes.',
      remedy:
        "Look for slow statements in PostgreSQL (`pg_stat_activity`). Raise `DATABASE_POOL`, and with it the server's `max_connections`.",
    },
  ],
});
