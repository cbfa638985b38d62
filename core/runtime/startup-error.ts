/** A start that cannot go on, with a line for the operator that says what is wrong and what to do about it. */
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

/** Another process has the data folder; a command that has to say more about it can tell by this. */
export class FolderInUse extends StartError {
  override name = 'FolderInUse';
}
