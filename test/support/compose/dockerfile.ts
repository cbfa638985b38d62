import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { packageFolder } from '../../../core/runtime/package-info.ts';

export interface Instruction {
  /** `RUN` */
  name: string;
  /** What follows it, on one line. */
  text: string;
}

/** What stands between one FROM and the next. */
export interface Stage {
  /** Its own name; the last one has none. */
  name: string;
  /** An image, or the name of a stage before it. */
  from: string;
  instructions: Instruction[];
}

/** Reads the Dockerfile. */
export async function readDockerfile(): Promise<Stage[]> {
  const text = await readFile(new URL('Dockerfile', packageFolder), 'utf8');
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Stage[] = [];
  // Values of arguments before the first stage, which a build may change.
  const defaults = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    const [, argument, value] = (stages.length === 0 && name === 'ARG' && /^(\w+)=(\S+)$/.exec(rest)) || [];
    if (argument !== undefined && value !== undefined) defaults.set(`\${${argument}}`, value);
    const [, from, own = ''] = (name === 'FROM' && /^(\S+)(?: AS (\S+))?$/.exec(rest)) || [];
    if (from !== undefined) stages.push({ name: own, from: defaults.get(from) ?? from, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: rest });
  }
  return stages;
}

/** The instructions of the image that comes out, those of the stages under it first. */
export function imageInstructions(stages: Stage[], stage = stages.at(-1)): Instruction[] {
  if (!stage) return [];
  const below = stages.find(({ name }) => name === stage.from);
  return [...(below ? imageInstructions(stages, below) : []), ...stage.instructions];
}

/** What follows the last instruction of a name, or an empty text. */
export function lastOf(instructions: Instruction[], name: string): string {
  return instructions.findLast((instruction) => instruction.name === name)?.text ?? '';
}

/** The environment and the first words of the command of a container that runs the image. */
export function processOf(instructions: Instruction[]) {
  const pairs = instructions.filter(({ name }) => name === 'ENV').flatMap(({ text }) => text.split(/ +/));
  return {
    entrypoint: z.array(z.string()).parse(JSON.parse(lastOf(instructions, 'ENTRYPOINT'))),
    environment: Object.fromEntries(
      pairs.map((pair): [string, string] => {
        const [name = '', ...value] = pair.split('=');
        return [name, value.join('=')];
      }),
    ),
  };
}

/** Sources and destination of a COPY, and the stage that it copies from where that is not the project. */
export function parseCopy(text: string): {
  from: string | undefined;
  sources: string[];
  destination: string;
} {
  const words = text.split(/ +/);
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  const destination = words.pop() ?? '.';
  return { from, sources: words, destination };
}
