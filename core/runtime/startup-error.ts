/** A start that cannot go on, with a line for the operator that says what is wrong and what to do about it. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Another process has the data folder; a command that has to say more about it can tell by this. */
export class FolderInUse extends StartError {
  override name = 'FolderInUse';
}
