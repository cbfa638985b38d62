import { type Client, isRegistryError } from '@helm-registry/client';

/** Chooses the spaces in which something can be stored: those that are not mirrors. */
export async function chooseStorable(
  client: Pick<Client, 'space'>,
  names: readonly string[],
): Promise<string[]> {
  const chosen = await Promise.all(
    names.map(async (name) => {
      try {
        return (await client.space(name).get()).mirror ? [] : [name];
      } catch (error) {
        // A space may have been deleted since the roles of the reader were read.
        if (isRegistryError(error) && error.status === 404) return [];
        throw error;
      }
    }),
  );
  return chosen.flat();
}
