/**
 * Computes the lengths of Huffman codes for weights. A symbol of weight 0 gets length 0. Lengths are nearly optimal:
 * while one is over the maximum, all weights are halved, which makes them more alike.
 * @param maxBits longest code, in bits
 */
export function codeLengths(weights: readonly number[], maxBits: number): Uint8Array {
  let current = [...weights];
  for (;;) {
    const lengths = treeDepths(current);
    if (lengths.every((length) => length <= maxBits)) return lengths;
    current = current.map((weight) => Math.ceil(weight / 2));
  }
}

/**
 * Builds the Huffman tree by joining the two lightest nodes until one remains, and returns the depth of each leaf.
 * Among equal weights the first symbol wins, so that the result is the same on every machine.
 */
function treeDepths(weights: readonly number[]): Uint8Array {
  const lengths = new Uint8Array(weights.length);
  const leaves = [...weights.keys()].filter((symbol) => (weights[symbol] ?? 0) > 0);
  leaves.sort((left, right) => (weights[left] ?? 0) - (weights[right] ?? 0) || left - right);
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) lengths[only] = 1;
  // Joined nodes never become lighter, so leaves and joined nodes are two sorted queues.
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
