import type { VersionRef } from './registry.ts';

/** A version as API version 1 points to it. */
export type ChartLink = VersionRef & { link: string };

export function chartLink(ref: VersionRef): ChartLink {
  const { space, chart, version } = ref;
  return { space, chart, version, link: `/api/v1/spaces/${space}/charts/${chart}/versions/${version}` };
}
