/** Error that stops a start; its message tells the operator the problem and the remedy. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Error of a start whose data folder another process uses; a class of its own for commands with further advice. */
export class FolderInUseError extends StartError {
  override name = 'FolderInUseError';
}
