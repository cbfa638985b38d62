import { defineSubject } from '../subject.ts';

/** Metrics of webhook deliveries. */
export const webhooksSubject = defineSubject({
  title: 'Webhooks',
  metrics: {
    webhook_deliveries_total: {
      type: 'counter',
      help: 'Attempts of webhook deliveries by outcome: succeeded, retried (another attempt follows), failed (none follows).',
      labels: ['outcome'],
    },
    webhook_deliveries_pending: {
      type: 'gauge',
      help: 'Deliveries in the whole registry that are not over, to callbacks of jobs and to webhooks of spaces, counted up to 10,000 of each.',
      labels: ['receiver'],
      merge: 'max',
    },
  },
  panels: [
    {
      title: 'Attempts of deliveries',
      unit: 'ops',
      queries: [
        {
          expr: 'sum by (outcome) (rate(helm_registry_webhook_deliveries_total[$__rate_interval]))',
          legend: '{{outcome}}',
        },
      ],
    },
    {
      title: 'Pending deliveries',
      unit: 'short',
      queries: [
        { expr: 'max by (receiver) (helm_registry_webhook_deliveries_pending)', legend: '{{receiver}}' },
      ],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryDeliveriesFail',
      expr: 'sum by (job) (increase(helm_registry_webhook_deliveries_total{outcome="failed"}[1h])) > 0',
      for: '0m',
      severity: 'warning',
      summary: 'A webhook delivery has failed for good.',
      remedy:
        'Find the receiver in the log (`webhook not delivered`) or in the list of deliveries, and replay the delivery once the receiver answers again.',
    },
    {
      name: 'HelmRegistryDeliveriesWait',
      expr: 'max by (job) (helm_registry_webhook_deliveries_pending) > 1000',
      for: '15m',
      severity: 'warning',
      summary: 'More than 1,000 webhook deliveries are pending.',
      remedy:
        'A receiver is slow or away. Calls to it are few at a time, so that others do not wait. Pause its webhook where it will not come back soon.',
    },
  ],
});
