import { useAddress } from './address.ts';
import { Empty } from './states.tsx';

/** Says that a list ends before the place in the address. Deletions cause that; a link leads to the beginning. */
export function BeyondEnd({ of, parameter = 'start' }: { of: string; parameter?: string }) {
  const { href } = useAddress();
  return (
    <Empty title={`There are no more ${of}`}>
      <a href={href({ [parameter]: undefined })}>Go to the first page</a>
    </Empty>
  );
}
