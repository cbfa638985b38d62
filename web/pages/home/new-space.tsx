import { whoAmIQuery } from '../../api/lists.ts';
import { createQuery } from '../../api/query.ts';
import { rightsInRegistry } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';

const newSpaceButtonQuery = createQuery((_: 'button') =>
  import('../space/new-space.tsx').then((part) => part.NewSpaceButton),
);

/** Button of a new space, for readers who may create one. Its code is loaded for them alone, after the first page. */
export function NewSpace() {
  const { value: me } = useData(whoAmIQuery, 'me');
  const { value: NewSpaceButton } = useData(
    newSpaceButtonQuery,
    rightsInRegistry(me).spaces ? 'button' : undefined,
  );
  return NewSpaceButton ? <NewSpaceButton isOpen={me?.kind === 'open'} /> : null;
}
