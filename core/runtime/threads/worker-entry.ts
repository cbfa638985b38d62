/**
 * Locates the program of a thread or process: beside the file that starts it, compiled or not.
 * @param starter `import.meta.url` of the starting file
 * @param name of the program's file, without extension
 */
export function workerEntryUrl(starter: string, name: string): URL {
  return new URL(`./${name}.${starter.endsWith('.ts') ? 'ts' : 'js'}`, starter);
}
