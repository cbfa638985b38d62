import { defineSubject } from '../subject.ts';

/** Metrics of requests that the registry sends to other servers. */
export const upstreamsSubject = defineSubject({
  title: 'Upstreams',
  metrics: {
    upstream_requests_total: {
      type: 'counter',
      help: 'Requests to other servers by purpose (webhook, icon, issuer, mirror) and outcome: succeeded, refused (the server answered with an error, or may not be called), unreachable.',
      labels: ['upstream', 'outcome'],
    },
  },
  panels: [
    {
      title: 'Requests to other servers',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (upstream, outcome) (rate(helm_registry_upstream_requests_total[$__rate_interval]))',
          legend: '{{upstream}} {{outcome}}',
        },
      ],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryUpstreamsUnreachable',
      expr: 'sum by (job, upstream) (rate(helm_registry_upstream_requests_total{outcome="unreachable"}[15m])) > 0.5 * sum by (job, upstream) (rate(helm_registry_upstream_requests_total[15m]))',
      for: '30m',
      severity: 'warning',
      summary: 'More than half of the requests to other servers for {{ $labels.upstream }} get no answer.',
      remedy:
        'Look at name resolution and at the rules of the network for going out. Webhooks are repeated for 20 hours, icons are shown without; mirrors serve what they have; log-in of workloads needs the keys of its issuer.',
    },
  ],
});
