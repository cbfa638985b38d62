import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { packageFolder } from '../../../core/runtime/package-info.ts';

/** Instruction of the Dockerfile. */
export interface Instruction {
  /** `RUN` */
  name: string;
  /** Text after the name, on one line. */
  text: string;
}

/** Build stage: the instructions from one FROM to the next. */
export interface Stage {
  /** Name of the stage; empty for the last one. */
  name: string;
  /** Image or name of an earlier stage. */
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
  // Defaults of the arguments before the first stage.
  const defaults = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    const [, argument, value] = (stages.length === 0 && name === 'ARG' && /^(\w+)=(\S+)$/.exec(rest)) || [];
    if (argument !== undefined && value !== undefined) defaults.set(`\${${argument}}`, value);
    const [, from, stageName = ''] = (name === 'FROM' && /^(\S+)(?: AS (\S+))?$/.exec(rest)) || [];
    if (from !== undefined)
      stages.push({ name: stageName, from: defaults.get(from) ?? from, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: rest });
  }
  return stages;
}

/** Lists the instructions of the final image, those of its base stages first. */
export function imageInstructions(stages: Stage[], stage = stages.at(-1)): Instruction[] {
  if (!stage) return [];
  const below = stages.find(({ name }) => name === stage.from);
  return [...(below ? imageInstructions(stages, below) : []), ...stage.instructions];
}

/** Returns the text of the last instruction of a name, or an empty text. */
export function lastOf(instructions: Instruction[], name: string): string {
  return instructions.findLast((instruction) => instruction.name === name)?.text ?? '';
}

/** Returns the environment and the entry point of a container that runs the image. */
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

/** Parses a COPY: sources, destination, and the stage of `--from` if there is one. */
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
