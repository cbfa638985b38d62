import type { Actor, RightPlace } from './actor.ts';
import type { SpaceRight } from './rights.ts';

/**
 * Reads under a right in a space, and checks the right once more afterwards. Reads find the space by its name. A space
 * that was deleted and made again between check and read is another space. What was read of it, or an error of the
 * read, is answered as if the space did not exist. An id belongs to one space: if the name means the same id at the
 * end, it meant that space all the time.
 * @throws {RegistryError} those of a missing right; those of `read`
 */
export async function readWithRight<T>(
  actor: Actor,
  right: SpaceRight,
  where: RightPlace,
  read: () => Promise<T>,
): Promise<T> {
  const spaceId = await actor.require(right, where);
  // Without an id nothing is checked, or the caller has the right in every space.
  const checkAgain = async () => {
    if (spaceId !== undefined) await actor.require(right, { ...where, spaceId });
  };
  let result: T;
  try {
    result = await read();
  } catch (error) {
    await checkAgain();
    throw error;
  }
  await checkAgain();
  return result;
}
