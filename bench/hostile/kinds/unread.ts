import { getText, postText } from '../unread.ts';
import { charts, type HostileKind, recipe, space, type Target } from './kind.ts';

/** Connections of each kind, at once. */
const connections = 40;

/** Makes kinds that do not read responses, or do not send all of a request. */
export function unreadKinds({ unread }: Target): HostileKind[] {
  const held = (name: string, write: (index: number, round: number) => string): HostileKind => ({
    name,
    send: (round) => unread.hold(Array.from({ length: connections }, (_, index) => write(index, round))),
  });
  const api = (path: string) => getText(`/api/v1${path}`);
  return [
    held('unread templates of 40 versions', (index) =>
      getText(`/api/${space}/charts/templates/1.0.${index}/templates`),
    ),
    held('unread lists', (index) => api(`/spaces/large/metadata?start=${index}&limit=${15 + (index % 2)}`)),
    held('unread index', () => getText('/large/index.yaml')),
    held('unread comparisons', (index) =>
      api(
        `${charts}/lines/versions/1.0.0/compare/2.0.0?file=files/lines.txt&${index % 2 ? 'only=files' : ''}`,
      ),
    ),
    held('unread dry runs', (index, round) =>
      postText(`/api/v1${charts}?dryRun=true`, recipe(`unread-${index}`, round, '{"a":1}', 'wide')),
    ),
    held('unread values with origins', () =>
      api(`${charts}/wide/versions/1.0.0/manifests/values?origin=true`),
    ),
    held('unread archives', (index) => getText(`/${space}/charts/noise-1.0.${index % 2}.tgz`)),
    held('unread streams of jobs', () => api('/jobs/events')),
    held('bodies that stop', () => postText(`/api/v1${charts}`, '{').replace('Length: 1', 'Length: 1000000')),
    held('heads that stop', (index) => api(`/search?q=${index}`).slice(0, -2)),
  ];
}
