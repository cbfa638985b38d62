/** Metric as Prometheus knows it, without the prefix of its name. */
export interface MetricDefinition {
  type: 'counter' | 'gauge' | 'histogram';
  /** Sentence that says what is counted or measured, with its unit. */
  help: string;
  labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  buckets?: readonly number[];
  /** Way in which the values of a host's processes become one; default `sum`. */
  merge?: 'sum' | 'max' | 'min' | 'first';
}

/** Panel of the dashboard: a graph of one or more queries. */
export interface Panel {
  title: string;
  /** Unit as Grafana names it. */
  unit: 'short' | 'reqps' | 's' | 'bytes' | 'percentunit' | 'ops' | 'cores';
  /** Queries in PromQL, each with the legend of its lines. */
  queries: readonly { expr: string; legend: string }[];
}

/** Alert rule. */
export interface Alert {
  name: string;
  /** Condition in PromQL. */
  expr: string;
  /** Time for which the condition must hold, as `5m`. */
  for: string;
  severity: 'critical' | 'warning';
  /** Sentence that says what is wrong. */
  summary: string;
  /** Steps of the operator. */
  remedy: string;
}

/** Subject of metrics: they, the panels that show them and the alerts on them. */
export interface MetricSubject {
  title: string;
  /** Metrics by their names without the prefix. */
  metrics: Readonly<Record<string, MetricDefinition>>;
  panels: readonly Panel[];
  alerts: readonly Alert[];
}

/** Checks the types of a subject, and keeps names and labels as literal types. */
export function defineSubject<const S extends MetricSubject>(subject: S): S {
  return subject;
}

/** Prefix of the names of all metrics. */
export const metricPrefix = 'helm_registry_';
