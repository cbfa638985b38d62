/**
 * Where a program lies that is to run by itself, in a thread or a process: beside the file that starts it, compiled or not.
 * @param starter `import.meta.url` of that file
 * @param name without its extension
 */
export function programBeside(starter: string, name: string): URL {
  return new URL(`./${name}.${starter.endsWith('.ts') ? 'ts' : 'js'}`, starter);
}
