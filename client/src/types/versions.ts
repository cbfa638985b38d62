import type { Json } from './json.ts';

/** Names that identify a chart. */
export interface ChartRef {
  space: string;
  chart: string;
}

/** Names that identify a version. */
export interface VersionRef extends ChartRef {
  version: string;
}

/** Version with the path of its archive. */
export interface ChartLink extends VersionRef {
  link: string;
}

/** State of a composed version: its recipe resolves to something else, there are newer releases, or neither. */
export type ComposedStateName = 'outdated' | 'newer' | 'current';

/** Row of a list of versions. */
export interface VersionDetails extends VersionRef {
  createdAt: string;
  updatedAt: string;
  /** Bytes of the archive. */
  size: number;
  digest: string;
  /** Name of the principal that published it; absent in a registry with open access. */
  author?: string;
  /** Whether it has a provenance file, or a signature of cosign. */
  signed: boolean;
  composed: boolean;
  deprecated: boolean;
  preRelease: boolean;
  description?: string;
  appVersion?: string;
  kubeVersion?: string;
  type: string;
  keywords: string[];
  /** Whether the version has an icon, which `iconUrl` leads to. */
  icon: boolean;
  /** Absent for a version that was not composed. */
  state?: ComposedStateName;
}

/** Dependency as Chart.yaml declares it. */
export interface DeclaredDependency {
  name: string;
  version?: string;
  repository?: string;
  alias?: string;
  condition?: string;
}

/** Maintainer as Chart.yaml names them. */
export interface Maintainer {
  name: string;
  email?: string;
  url?: string;
}

/** Link that an annotation names. */
export interface AnnotatedLink {
  name: string;
  url: string;
}

/** Change that an annotation lists. */
export interface AnnotatedChange {
  kind?: string;
  description: string;
  links: AnnotatedLink[];
}

/** Lists in the annotations that Artifact Hub defines. Addresses are the chart's: check their schemes. */
export interface AnnotationLists {
  changes: AnnotatedChange[];
  links: AnnotatedLink[];
  /** References of container images. */
  images: string[];
  screenshots: AnnotatedLink[];
}

/** Version as a page about it needs it. */
export interface FullVersionDetails extends VersionDetails {
  /** Whether it has a provenance file. */
  provenance: boolean;
  home?: string;
  sources: string[];
  maintainers: Maintainer[];
  annotations: Record<string, string>;
  /** Absent from a registry of an older release. */
  annotationLists?: AnnotationLists;
  dependencies: DeclaredDependency[];
  /** Paths of the chart's own well-known files. */
  files: { readme?: string; values?: string; schema?: string; license?: string; changelog?: string };
  counts: { templates: number; crds: number; files: number; subcharts: number };
}

/** Kind of a file in an archive. */
export type FileKind =
  | 'chart'
  | 'values'
  | 'schema'
  | 'readme'
  | 'template'
  | 'crd'
  | 'subchart'
  | 'license'
  | 'other';

/** File of an archive. */
export interface ChartFile {
  /** Path in the chart; files of subcharts are below `charts/NAME/`. */
  path: string;
  /** Bytes, unpacked. */
  size: number;
  kind: FileKind;
  /** Use of a template that Helm does not send to the cluster as it is. */
  use?: 'notes' | 'partial' | 'test';
  /** Whether it is anything but text in UTF-8. */
  binary: boolean;
}

/** Chart.yaml as JSON, with the charts that are really inside as `dependencies`. */
export interface Metadata {
  name: string;
  version: string;
  apiVersion?: string;
  appVersion?: string;
  description?: string;
  type?: string;
  kubeVersion?: string;
  deprecated?: boolean;
  keywords?: string[];
  home?: string;
  sources?: string[];
  icon?: string;
  maintainers?: Maintainer[];
  annotations?: Record<string, string>;
  dependencies?: Metadata[];
  [key: string]: Json | Metadata[] | Maintainer[] | undefined;
}

/** Chart, file and line that a value comes from. */
export interface ValueOrigin {
  /** JSON pointer (RFC 6901) into the values. */
  pointer: string;
  /** Folder of the subchart, `charts/NAME`; empty for the chart itself. */
  chart: string;
  file: string;
  /** JSON pointer (RFC 6901) of the value in the file. */
  at: string;
  line?: number;
}

/** Values of a version, and the origin of each of their leaves. What no file has set has none. */
export interface ValuesWithOrigins {
  values: { [key: string]: Json };
  origins: ValueOrigin[];
  /** Whether origins are left out for their number. */
  truncated: boolean;
  /** Sentence that names the values which Helm 3 computes otherwise; absent where there are none. */
  majors?: string;
}

/** Version that was composed from another one. */
export interface Dependent extends ChartLink {
  /** Digest of the source as it was then. */
  sourceDigest: string;
}
