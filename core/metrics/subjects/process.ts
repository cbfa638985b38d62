import { defineSubject } from '../subject.ts';

/** Metrics of the processes of a host, and of the program. */
export const processSubject = defineSubject({
  title: 'Processes',
  metrics: {
    build_info: {
      type: 'gauge',
      help: 'Always 1; version of the program and of Node.js.',
      labels: ['version', 'node'],
      merge: 'first',
    },
    processes: { type: 'gauge', help: 'Processes of this host that these metrics are of.', labels: [] },
    process_start_time_seconds: {
      type: 'gauge',
      help: 'Time at which the oldest process of this host started, in seconds since 1970.',
      labels: [],
      merge: 'min',
    },
    process_cpu_seconds_total: {
      type: 'counter',
      help: 'Seconds of processor time that the processes of this host have used.',
      labels: [],
    },
    process_resident_memory_bytes: {
      type: 'gauge',
      help: 'Resident bytes of the processes of this host.',
      labels: [],
    },
    process_heap_used_bytes: {
      type: 'gauge',
      help: 'Bytes of live and uncollected JavaScript objects in the processes of this host.',
      labels: [],
    },
    event_loop_delay_seconds: {
      type: 'gauge',
      help: 'Seconds by which timers came late since the scrape before, in the slowest process: `p50`, `p99` and `max`.',
      labels: ['measure'],
      merge: 'max',
    },
    stuck_threads: {
      type: 'gauge',
      help: 'Threads of this host that could not be ended. A process with three of them ends, to be started again.',
      labels: [],
    },
  },
  panels: [
    {
      title: 'Delay of the event loop',
      unit: 's',
      queries: [
        {
          expr: 'max by (instance, measure) (helm_registry_event_loop_delay_seconds)',
          legend: '{{instance}} {{measure}}',
        },
      ],
    },
    {
      title: 'Processor time',
      unit: 'cores',
      queries: [
        {
          expr: 'sum by (instance) (rate(helm_registry_process_cpu_seconds_total[$__rate_interval]))',
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Memory',
      unit: 'bytes',
      queries: [
        {
          expr: 'sum by (instance) (helm_registry_process_resident_memory_bytes)',
          legend: '{{instance}} resident',
        },
        { expr: 'sum by (instance) (helm_registry_process_heap_used_bytes)', legend: '{{instance}} heap' },
      ],
    },
    {
      title: 'Threads that could not be ended',
      unit: 'short',
      queries: [{ expr: 'sum by (instance) (helm_registry_stuck_threads)', legend: '{{instance}}' }],
    },
    {
      title: 'Age of processes',
      unit: 's',
      queries: [
        {
          expr: 'time() - min by (instance) (helm_registry_process_start_time_seconds)',
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Processes by version',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (version, node) (helm_registry_processes * on (job, instance) group_left (version, node) helm_registry_build_info)',
          legend: '{{version}} on {{node}}',
        },
      ],
    },
  ],
  alerts: [
    {
      name: 'HelmRegistryEventLoopSlow',
      expr: 'helm_registry_event_loop_delay_seconds{measure="p99"} > 0.25',
      for: '10m',
      severity: 'warning',
      summary: 'The event loop of {{ $labels.instance }} is late by more than a quarter of a second.',
      remedy:
        'The machine has too little processor time, or one client sends what is expensive: look at the slowest routes in the log of requests (`ms`). Give it more cores with `API_PROCESSES`, or start more processes.',
    },
    {
      name: 'HelmRegistryRestarts',
      expr: 'changes(helm_registry_process_start_time_seconds[1h]) > 3',
      for: '0m',
      severity: 'warning',
      summary: '{{ $labels.instance }} was started more than three times in an hour.',
      remedy:
        'Look at the end of its log and at its exit code: 137 is a memory limit or threads that could not be ended, 1 has a line that says what to do.',
    },
  ],
});
