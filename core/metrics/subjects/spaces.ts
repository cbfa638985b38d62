import { defineSubject } from '../subject.ts';

/** Metrics of what is stored in spaces; `METRICS_SPACES` switches them off. */
export const spacesSubject = defineSubject({
  title: 'Spaces',
  metrics: {
    space_bytes: {
      type: 'gauge',
      help: 'Bytes of the archives of the versions of a space, of the first 1,000 spaces by name.',
      labels: ['space'],
      merge: 'max',
    },
    space_versions: {
      type: 'gauge',
      help: 'Versions in a space, of the first 1,000 spaces by name.',
      labels: ['space'],
      merge: 'max',
    },
  },
  panels: [
    {
      title: 'Largest spaces',
      unit: 'bytes',
      queries: [{ expr: 'topk(10, max by (space) (helm_registry_space_bytes))', legend: '{{space}}' }],
    },
    {
      title: 'Spaces with most versions',
      unit: 'short',
      queries: [{ expr: 'topk(10, max by (space) (helm_registry_space_versions))', legend: '{{space}}' }],
    },
  ],
  alerts: [],
});
