import type { DeeperRepository } from '@helm-registry/client';
import { repositoriesQuery } from '../../api/repositories.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { Copyable } from '../../parts/copy-button.tsx';
import { CursorPager } from '../../parts/cursor-pager.tsx';
import { Problem } from '../../parts/states.tsx';

const limit = 10;

/** Tags of a repository that are shown. */
const maxTags = 8;

/** OCI repositories deeper than `SPACE/NAME`, with their tags and how to pull. The part is empty where there are none. */
export function DeeperRepositories({ space }: { space: string }) {
  const { cursor } = useAddress().query;
  const { value, problem, reload } = useData(repositoriesQuery, { space, limit, ...(cursor && { cursor }) });
  // The list of charts says that the space is not there, or not to be read.
  if (problem && ![401, 403, 404].includes(problem.status))
    return <Problem problem={problem} retry={reload} />;
  if (!value || (value.items.length === 0 && !cursor)) return null;
  return (
    <section class="stack" aria-labelledby="deeper">
      <div>
        <h2 id="deeper">Deeper OCI repositories</h2>
        <p class="small muted">
          These were pushed below {space}/NAME. They can be pulled, but are not charts of this space: no list,
          search or recipe has them. Push a chart to {space} itself to have it there.
        </p>
      </div>
      <ul class="repositories">
        {value.items.map((repository) => (
          <Repository key={repository.name} space={space} repository={repository} />
        ))}
      </ul>
      <CursorPager cursor={cursor} next={value.next} of="repositories" />
    </section>
  );
}

/** Artifact type of charts, as Helm pushes them. */
const chartArtifactType = 'application/vnd.cncf.helm.config.v1+json';

function Repository({
  space,
  repository: { name, tags, tagCount, artifactType },
}: {
  space: string;
  repository: DeeperRepository;
}) {
  const address = `${location.host}/${space}/${name}`;
  const plain = location.protocol === 'http:' ? ' --plain-http' : '';
  const isChart = artifactType === chartArtifactType;
  const [tag] = tags;
  const pull = isChart
    ? `helm pull oci://${address} --version ${(tag ?? '').replaceAll('_', '+')}${plain}`
    : `oras pull ${address}:${tag}${plain}`;
  const more = tagCount - Math.min(tags.length, maxTags);
  return (
    <li class="card">
      <header>
        <h3 class="mono">
          {space}/{name}
        </h3>
        <span class="small muted">
          {isChart ? 'chart, ' : ''}
          {describeCount(tagCount, 'tag')}
        </span>
      </header>
      {tag === undefined ? (
        <p class="small muted">It has no tags: its artifacts are pulled by their digests.</p>
      ) : (
        <>
          <p class="small mono">
            {tags.slice(0, maxTags).join(', ')}
            {more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}
          </p>
          <Copyable label={`pull ${space}/${name}`} text={pull} />
        </>
      )}
    </li>
  );
}
