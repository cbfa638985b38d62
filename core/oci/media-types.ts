/** Media types that the registry treats specially; layers and configurations may have any other. */
export const mediaTypes = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  dockerImage: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  chartConfig: 'application/vnd.cncf.helm.config.v1+json',
  chartArchive: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  /** Media type of archives by Helm before version 3.8. */
  oldChartArchive: 'application/tar+gzip',
  chartProvenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
} as const;

/**
 * Whether distribution of a layer is restricted, so that it may be elsewhere. See layer.md of the image spec; Docker
 * calls such layers foreign.
 */
export function isNondistributable(mediaType: string): boolean {
  return /\.(nondistributable|foreign)\./.test(mediaType);
}

/** Whether a layer is the archive of a chart. */
export function isArchiveLayer({ mediaType }: { mediaType: string }): boolean {
  const archiveTypes: string[] = [mediaTypes.chartArchive, mediaTypes.oldChartArchive];
  return archiveTypes.includes(mediaType);
}
