import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { StartError } from '../../core/runtime/startup-error.ts';
import { exampleSpace } from './upload-examples.ts';

const jobShape = z.object({
  id: z.string(),
  state: z.string(),
  progress: z.object({ stage: z.string(), done: z.number(), total: z.number() }),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  error: z.object({ message: z.string() }).optional(),
});

/** Sends `examples/shop.json` and prints the job's events. */
export async function composeExample(url: string, print: (line: string) => void): Promise<void> {
  const recipe = await readFile(new URL('examples/shop.json', packageFolder), 'utf8');
  const response = await fetch(`${url}/api/v1/spaces/${exampleSpace}/charts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: recipe,
  });
  if (response.status === 409) {
    print(`${exampleSpace}/shop 1.0.0 is still here from the last time`);
    return;
  }
  if (response.status !== 202) {
    throw new StartError(`the recipe was answered ${response.status}: ${await response.text()}`);
  }
  const { id, warnings } = jobShape.parse(await response.json());
  print(`\nOrchestrating examples/shop.json as job ${id}`);
  for (const { code, message } of warnings) print(`  warning ${code}: ${message}`);
  const events = await fetch(`${url}/api/v1/jobs/${id}/events`);
  if (!events.body) throw new StartError("the job's events did not come");
  for await (const line of createInterface({ input: Readable.fromWeb(events.body) })) {
    if (!line.startsWith('data: ')) continue;
    const { state, progress, error } = jobShape.parse(JSON.parse(line.slice('data: '.length)));
    print(`  ${state.padEnd(10)} ${progress.stage.padEnd(10)} sources ${progress.done}/${progress.total}`);
    if (error) throw new StartError(`the job failed: ${error.message}`);
  }
}
