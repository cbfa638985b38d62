/**
 * The lengths of Huffman codes for weights, none over `most` bits; what weighs nothing gets none. About the best there are:
 * where they would be too long, the weights are made more alike.
 */
export function codeLengths(given: readonly number[], most: number): Uint8Array {
  let weights = [...given];
  for (;;) {
    const lengths = treeDepths(weights);
    if (lengths.every((length) => length <= most)) return lengths;
    weights = weights.map((weight) => Math.ceil(weight / 2));
  }
}

/** Joins the two lightest until one is left; of equal weights those that come first, so that it is the same everywhere. */
function treeDepths(weights: readonly number[]): Uint8Array {
  const lengths = new Uint8Array(weights.length);
  const leaves = [...weights.keys()].filter((symbol) => (weights[symbol] ?? 0) > 0);
  leaves.sort((left, right) => (weights[left] ?? 0) - (weights[right] ?? 0) || left - right);
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) lengths[only] = 1;
  // Joined nodes become heavier and heavier, so both queues are in order.
  const sums: number[] = leaves.map((symbol) => weights[symbol] ?? 0);
  const parents: number[] = [];
  let leaf = 0;
  let node = leaves.length;
  const takeSmallest = (): number => {
    const joined = sums[node];
    const single = leaf < leaves.length ? sums[leaf] : undefined;
    return joined === undefined || (single !== undefined && single <= joined) ? leaf++ : node++;
  };
  for (let joins = leaves.length - 1; joins > 0; joins -= 1) {
    const [left, right] = [takeSmallest(), takeSmallest()];
    parents[left] = sums.length;
    parents[right] = sums.length;
    sums.push((sums[left] ?? 0) + (sums[right] ?? 0));
  }
  const depths = new Uint8Array(sums.length);
  for (let at = sums.length - 2; at >= 0; at -= 1) {
    depths[at] = (depths[parents[at] ?? 0] ?? 0) + 1;
    const symbol = leaves[at];
    if (symbol !== undefined) lengths[symbol] = depths[at] ?? 0;
  }
  return lengths;
}
