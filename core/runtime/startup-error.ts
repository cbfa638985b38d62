/** Error that stops a start; its message tells the operator the problem and the remedy. */
export class StartError extends Error {
  override name = 'StartError';
  /** Code that the process ends with. */
  readonly exitCode: number = 1;
}

/** Command that could not find out what it was to find out, which says nothing about the data. */
export class Unfinished extends StartError {
  override name = 'Unfinished';
  override readonly exitCode = 2;
}

/** Error of a start whose data folder another process uses. A class of its own for commands with further advice. */
export class FolderInUseError extends StartError {
  override name = 'FolderInUseError';
}
