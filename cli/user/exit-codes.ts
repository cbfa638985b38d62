/** Exit codes of the user commands; docs/command-line.md lists them. */
export const exitCodes = {
  failed: 1,
  usage: 2,
  notFound: 3,
  access: 4,
  conflict: 5,
  jobFailed: 6,
  timeout: 7,
  interrupted: 130,
} as const;

/** Exit code of a command that did not do what it was asked for. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
