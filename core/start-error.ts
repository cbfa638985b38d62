/** A start that cannot go on, with a line for the operator that says what is wrong and what to do about it. */
export class StartError extends Error {
  override name = 'StartError';
}
