import type { EventConsumer, VersionEvent } from '../events/version-event.ts';
import type { VersionRef } from '../registry/registry.ts';
import { announceAll, type SpaceAnnouncement } from './announce.ts';

/** Builds the path of a version; the HTTP interface supplies it. */
interface VersionLinks {
  version(ref: VersionRef): string;
}

/** Creates the consumer of changes of versions that tells the webhooks of their spaces. */
export function createVersionAnnouncer(links: VersionLinks): EventConsumer {
  return async (tx, events) => {
    // Equal digests mean a new recipe alone, which changes nothing that clients of the version get.
    const changed = events.filter(({ digest, digestBefore }) => digest !== digestBefore);
    await announceAll(
      tx,
      changed.map((event) => toAnnouncement(event, links)),
    );
  };
}

function toAnnouncement(event: VersionEvent, links: VersionLinks): SpaceAnnouncement {
  const { kind, spaceId, space, chart, version, digest, digestBefore, author, at } = event;
  const data = {
    space,
    chart,
    version,
    ...(digest === null ? {} : { digest }),
    ...(digestBefore === null ? {} : { digestBefore }),
    ...(author === null ? {} : { author }),
    link: links.version({ space, chart, version }),
  };
  return { spaceId, type: `version.${kind}`, data, at };
}
