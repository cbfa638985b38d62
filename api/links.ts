import type { JobLinks, VersionLink } from '../core/jobs/view.ts';
import type { VersionRef } from '../core/registry/registry.ts';

/** Paths of API version 1 that responses, errors and callbacks link to. */
export const links: JobLinks = {
  job: (id) => `/api/v1/jobs/${id}`,
  version: ({ space, chart, version }) => `/api/v1/spaces/${space}/charts/${chart}/versions/${version}`,
  newSpace: (space) => `/api/v1/spaces?space=${space}`,
};

/** Adds its link to a version. */
export function linkVersion({ space, chart, version }: VersionRef): VersionLink {
  return { space, chart, version, link: links.version({ space, chart, version }) };
}
