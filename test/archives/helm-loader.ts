import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { helmLoader } from '../support/helm/program.ts';

/** Chart as Helm has read it; see `test/support/helm-loader`. */
const chartView = z.object({
  name: z.string(),
  version: z.string(),
  files: z.record(z.string(), z.string()),
  values: z.record(z.string(), z.unknown()).nullable(),
  schema: z.string().optional(),
  get dependencies() {
    return z.array(chartView).optional();
  },
});
const reading = z.object({ error: z.string().optional(), chart: chartView.optional() });
const answer = z.object({ helm3: reading, helm4: reading });

/** Chart as Helm has read it. */
export type ChartView = z.infer<typeof chartView>;
/** Readings of one archive by Helm 3 and 4. */
export type HelmReadings = z.infer<typeof answer>;

/** Process of helm-loader, which reads one archive after the other. */
export interface HelmLoader {
  read(archive: Buffer): Promise<HelmReadings>;
  close(): void;
}

/** Starts helm-loader. */
export function startHelmLoader(): HelmLoader {
  const child = spawn(helmLoader, ['-stream'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async read(archive) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(archive.length);
      child.stdin.write(Buffer.concat([length, archive]));
      const { value, done } = await lines.next();
      if (done) throw new Error('helm-loader ended before it answered');
      return answer.parse(JSON.parse(value));
    },
    close: () => void child.stdin.end(),
  };
}
