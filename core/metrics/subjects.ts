import type { MetricSubject } from './subject.ts';
import { accessSubject } from './subjects/access.ts';
import { followsSubject } from './subjects/follows.ts';
import { httpSubject } from './subjects/http.ts';
import { jobsSubject } from './subjects/jobs.ts';
import { partsSubject } from './subjects/parts.ts';
import { processSubject } from './subjects/process.ts';
import { spaceRulesSubject } from './subjects/space-rules.ts';
import { spacesSubject } from './subjects/spaces.ts';
import { upstreamsSubject } from './subjects/upstreams.ts';
import { webhooksSubject } from './subjects/webhooks.ts';

/** All subjects, in the order of the dashboard and of docs/monitoring.md. */
export const subjects: readonly MetricSubject[] = [
  httpSubject,
  accessSubject,
  jobsSubject,
  webhooksSubject,
  followsSubject,
  upstreamsSubject,
  spacesSubject,
  spaceRulesSubject,
  partsSubject,
  processSubject,
];

/** All metrics by their names without the prefix. */
export const metricTable = {
  ...httpSubject.metrics,
  ...accessSubject.metrics,
  ...jobsSubject.metrics,
  ...webhooksSubject.metrics,
  ...followsSubject.metrics,
  ...upstreamsSubject.metrics,
  ...spacesSubject.metrics,
  ...spaceRulesSubject.metrics,
  ...partsSubject.metrics,
  ...processSubject.metrics,
};

type MetricTable = typeof metricTable;

type NameOfType<Type> = {
  [Name in keyof MetricTable]: MetricTable[Name]['type'] extends Type ? Name : never;
}[keyof MetricTable];

/** Name of a counter. */
export type CounterName = NameOfType<'counter'>;
/** Name of a gauge. */
export type GaugeName = NameOfType<'gauge'>;
/** Name of a histogram. */
export type HistogramName = NameOfType<'histogram'>;

/** Values of the labels of a metric. */
export type LabelsOf<Name extends keyof MetricTable> = Readonly<
  Record<MetricTable[Name]['labels'][number], string>
>;
