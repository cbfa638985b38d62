import { defineSubject } from '../subject.ts';

/** Metrics of log-ins and credentials. */
export const accessSubject = defineSubject({
  title: 'Access',
  metrics: {
    auth_attempts_total: {
      type: 'counter',
      help: 'Requests with credentials, by how they were presented (basic, bearer, session, unreadable) and whether they were accepted, refused, limited after many failures, or could not be checked (error).',
      labels: ['method', 'outcome'],
    },
  },
  panels: [
    {
      title: 'Credentials by outcome',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (method, outcome) (rate(helm_registry_auth_attempts_total[$__rate_interval]))',
          legend: '{{method}} {{outcome}}',
        },
      ],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryCredentialsRefused',
      expr: 'sum by (job) (rate(helm_registry_auth_attempts_total{outcome=~"refused|limited"}[10m])) > 1',
      for: '15m',
      severity: 'warning',
      summary: 'More than one request a second has wrong credentials.',
      remedy:
        'Look for the network and the account in the audit (`GET /api/v1/audit?outcome=failed`) or in the log of requests. Often a token of a pipeline has expired; else somebody guesses passwords, which is slowed down by itself.',
    },
  ],
});
