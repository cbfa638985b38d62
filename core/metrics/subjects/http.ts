import { defineSubject } from '../subject.ts';

/** Metrics of requests and downloads. */
export const httpSubject = defineSubject({
  title: 'Requests',
  metrics: {
    http_requests_total: {
      type: 'counter',
      help: 'Answered requests by door (interface), route, method and status. The route is a pattern, and empty for paths that are none. 499 is an error that its client caused by disconnecting.',
      labels: ['door', 'route', 'method', 'code'],
    },
    http_request_duration_seconds: {
      type: 'histogram',
      help: 'Seconds from the arrival of a request to the head of its answer.',
      labels: ['door', 'method'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    },
    downloads_total: {
      type: 'counter',
      help: 'Answered downloads of archives, provenance files and OCI blobs, redirects to the object store included.',
      labels: ['door'],
    },
    response_bytes_in_flight: {
      type: 'gauge',
      help: 'Bytes of answers in memory that clients have not read yet.',
      labels: [],
    },
  },
  panels: [
    {
      title: 'Requests by door',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (door) (rate(helm_registry_http_requests_total[$__rate_interval]))',
          legend: '{{door}}',
        },
      ],
    },
    {
      title: 'Answers 4xx and 5xx',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (door, code) (rate(helm_registry_http_requests_total{code=~"[45].."}[$__rate_interval]))',
          legend: '{{door}} {{code}}',
        },
      ],
    },
    {
      title: 'Duration of requests, 99th percentile',
      unit: 's',
      queries: [
        {
          expr: 'histogram_quantile(0.99, sum by (le, door) (rate(helm_registry_http_request_duration_seconds_bucket[$__rate_interval])))',
          legend: '{{door}}',
        },
      ],
    },
    {
      title: 'Downloads by door',
      unit: 'reqps',
      queries: [
        { expr: 'sum by (door) (rate(helm_registry_downloads_total[$__rate_interval]))', legend: '{{door}}' },
      ],
    },
    {
      title: 'Answers in memory that clients have not read',
      unit: 'bytes',
      queries: [
        { expr: 'sum by (instance) (helm_registry_response_bytes_in_flight)', legend: '{{instance}}' },
      ],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryErrors',
      expr: 'sum by (job) (rate(helm_registry_http_requests_total{code=~"5.."}[5m])) > 0.05 * sum by (job) (rate(helm_registry_http_requests_total[5m]))',
      for: '10m',
      severity: 'critical',
      summary: 'More than 5 % of the requests are answered 5xx.',
      remedy:
        'Look at `/readyz` and at the panel of parts: 503 is answered while PostgreSQL or the store is away, with `storage.full` where there is no space. For 500 the log has a line `request failed` with the `request` id.',
    },
    {
      name: 'HelmRegistrySlow',
      expr: 'histogram_quantile(0.99, sum by (le, job) (rate(helm_registry_http_request_duration_seconds_bucket{method="GET"}[5m]))) > 2.5',
      for: '15m',
      severity: 'warning',
      summary: 'More than 1 % of the reads take longer than 2.5 seconds.',
      remedy:
        'Compare with the event loop, the connections that wait for the pool, and the hit rate of caches. Raise `DATABASE_POOL`, `CACHE_SIZE` or `BLOB_CACHE`, or start more `api` processes.',
    },
  ],
});
