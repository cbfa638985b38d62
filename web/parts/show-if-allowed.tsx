import type { WhoAmI } from '@helm-registry/client';
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { whoAmIQuery } from '../api/lists.ts';
import { useData } from '../api/use-data.ts';
import { pathToLogIn } from './log-in.ts';
import { Empty, Problem, Skeleton } from './states.tsx';

/** Shows a part of the page to readers who may use it. Others learn how to get access, and nothing of its contents. */
export function ShowIfAllowed({
  may,
  children,
}: {
  may: (me: WhoAmI) => boolean;
  children: (me: WhoAmI) => ComponentChildren;
}) {
  const { value: me, problem, isLoading, reload } = useData(whoAmIQuery, 'me');
  const { url } = useLocation();
  if (!me) return problem ? <Problem problem={problem} retry={reload} /> : <Skeleton />;
  if (may(me)) return <>{children(me)}</>;
  // The roles that were read before may be old, as after the creation of a space.
  if (isLoading) return <Skeleton />;
  if (me.kind === 'open')
    return (
      <Empty title="There is nobody to administer">
        <p>This registry lets everybody do everything. With ACCESS=guarded it has users, roles and tokens.</p>
      </Empty>
    );
  if (me.kind === 'anonymous')
    return (
      <Empty title="Log in first">
        <p>This page is for people whom the registry knows.</p>
        <a class="button" data-kind="primary" href={pathToLogIn(url)}>
          Log in
        </a>
      </Empty>
    );
  return (
    <Empty title="Your roles do not reach here">
      <p>Ask an owner of the space, or an admin of the registry.</p>
    </Empty>
  );
}
