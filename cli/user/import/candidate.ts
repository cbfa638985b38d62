import type { CopyResult } from './oci/copy-chart.ts';

/** Archive of a candidate, with what goes with it. */
export interface SourceArchive {
  bytes: Uint8Array<ArrayBuffer>;
  provenance?: string | undefined;
}

/** Version that a source has, before it is known whether it is wanted. */
export type Candidate = CandidateFacts & (ReadCandidate | CopiedCandidate);

/** Version whose archive is read from its source, and uploaded. */
export interface ReadCandidate {
  /** Reads it. @throws {CommandError} where the source does not have it, or has other bytes than it says */
  read(signal: AbortSignal): Promise<SourceArchive>;
  /** Reads its provenance file alone, where the source can tell without its archive that it is there already. */
  readProvenance?(signal: AbortSignal): Promise<string | undefined>;
}

/** Version that is copied from registry to registry as it is. */
export interface CopiedCandidate {
  copy(): Promise<CopyResult>;
}

interface CandidateFacts {
  /** Space that it belongs into. */
  space: string;
  chart: string;
  version: string;
  /** Place in the source: a path or an address. */
  from: string;
  /** `sha256:` and the digits, where the source says it. */
  digest?: string | undefined;
  /** Time at which it was published there. */
  createdAt?: Date | undefined;
}

/** Part of a source that cannot be a version here, and why. */
export interface LeftOut {
  space: string;
  from: string;
  chart?: string | undefined;
  version?: string | undefined;
  reason: string;
  /** Whether it should be there, and is broken. */
  isFault?: boolean;
}

/** Content of a source. */
export interface SourceListing {
  candidates: Candidate[];
  leftOut: LeftOut[];
}
