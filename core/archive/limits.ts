/** How much one archive may cost; defaults are Helm's own where Helm has one. */
export interface ChartLimits {
  /** Bytes of the archive as it is sent. */
  packed: number;
  /** Bytes of everything in it, archives in `charts/` included. Helm's MaxDecompressedChartSize. */
  unpacked: number;
  /** Bytes of one file. Helm's MaxDecompressedFileSize. */
  file: number;
  /** Entries, folders included, archives in `charts/` included. */
  entries: number;
}

export const defaultChartLimits: ChartLimits = {
  packed: 20 * 1024 * 1024,
  unpacked: 100 * 1024 * 1024,
  file: 5 * 1024 * 1024,
  entries: 10_000,
};

/**
 * Bytes of a chart's Chart.yaml with its requirements.yaml, and of the metadata of a chart with all its subcharts as JSON.
 * Helm keeps a release in a Kubernetes Secret, which holds no more.
 */
export const maxMetadataBytes = 1024 * 1024;
