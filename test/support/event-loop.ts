/** Runs work, and counts the turns of the event loop until it ends. */
export async function countTurns<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; turns: number }> {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setTimeout(turn, 1);
  };
  turn();
  try {
    const result = await work();
    return { result, turns };
  } finally {
    isOver = true;
  }
}
