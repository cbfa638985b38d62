import { programBeside } from '../../threads/program-beside.ts';

/** Where the program of the checking threads lies: beside this file, compiled or not. */
export function threadProgram(): URL {
  return programBeside(import.meta.url, 'thread-main');
}
