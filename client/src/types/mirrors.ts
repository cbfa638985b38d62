/** Settings of the mirror of a space. */
export interface MirrorSettings {
  /** Folder that has index.yaml, or `oci://HOST/PATH` for the charts below a path of an OCI registry. */
  url: string;
  /** Globs of the names of charts. */
  charts: string[];
  /** Range of versions; absent for all. */
  range?: string;
  /** Largest number of versions of a chart, the highest; pre-releases count apart from releases. */
  last?: number;
  prereleases: boolean;
  /** Days for which a version must have been seen before it is taken; 0 for none. */
  minAgeDays: number;
  /** Whether versions that the repository has deleted are deleted here too. */
  prune: boolean;
  /** Largest number of versions that a run deletes; where more are gone it deletes none. */
  mostPruned: number;
  /** Whether other bytes under a version replace those that are stored. */
  overwrite: boolean;
  /** Whether requests to an OCI registry go without encryption; false if absent. */
  plainHttp?: boolean;
  /** Minutes between two runs; null for a mirror that runs on request only. */
  every: number | null;
}

/** Wanted mirror; what is absent has its default. */
export interface NewMirror extends Partial<MirrorSettings> {
  url: string;
  /** Absent to keep those that there are, if scheme, host and port of the URL stay; null for none. */
  credentials?: {
    username: string;
    password: string;
    /** URL of a token service on another host that gets them too, for an OCI registry. */
    realm?: string;
  } | null;
}

/** Outcome of a version of a mirror. */
export type MirrorOutcome = 'stored' | 'replaced' | 'changed' | 'failed' | 'skipped' | 'gone' | 'pruned';

/** Reason why a run or a version failed. */
export interface MirrorFault {
  code: string;
  message: string;
}

/** Run of a mirror. */
export interface MirrorRun {
  number: number;
  state: 'running' | 'complete' | 'incomplete' | 'failed' | 'cancelled';
  startedAt: string;
  finishedAt: string | null;
  /** Versions: `listed` upstream, `chosen` by the filters, `tooYoung`, `unchanged`, and by outcome. */
  counts: Record<string, number>;
  /** Whether results of its versions are kept. */
  hasResults: boolean;
  /** Time at which versions that failed are tried again; null where nothing is scheduled. */
  retryAt: string | null;
  error?: MirrorFault;
}

/** Mirror of a space, without its credentials. */
export interface Mirror extends MirrorSettings {
  space: string;
  hasCredentials: boolean;
  /** Time of the next run. */
  dueAt: string | null;
  /** Time at which the space last had all that its upstream has. */
  succeededAt: string | null;
  /** Newest run. */
  run?: MirrorRun;
}

interface Result {
  chart: string;
  version: string;
  outcome: MirrorOutcome;
  at: string;
  /** Digest that the upstream has, where another one is stored. */
  upstreamDigest?: string;
  error?: MirrorFault;
}

/** Version of a mirror with its last outcome. */
export interface MirrorVersion extends Result {
  /** Number of the run. */
  run: number;
}

/** Result of a run: what came of a version in it. */
export interface MirrorResult extends Result {
  /** Whether a version that failed is tried again without a request; absent for other outcomes. */
  retries?: boolean;
}
