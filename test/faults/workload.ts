import { z } from 'zod';
import { job as jobShape } from '../../api/job-schemas.ts';
import { chartForm } from '../support/client.ts';
import type { Answer, Client } from './client.ts';
import { errorText } from './error-text.ts';
import { followJob } from './follow-job.ts';
import { keyOf, type Operation, pathOf, type Recipe, type Replacing, type Upload } from './operations.ts';

/** Accepted recipe, with the state of its job. */
export interface Accepted {
  recipe: Recipe;
  /** Id of the job. */
  id: string;
  state: string;
  attempts: number;
  /** Error code of a failed job. */
  error?: string | undefined;
}

/** Operations under way, and their results. */
export interface Workload {
  /** Begins operations. The operations that they need must have begun, now or before. */
  begin(operations: readonly Operation[]): void;
  /** Waits for all operations that have begun. */
  done(): Promise<void>;
  /** Keys of the versions whose publication was answered with success. */
  published: ReadonlySet<string>;
  accepted: readonly Accepted[];
  /** Counts the operations under way, as a text for the report. */
  inFlight(): string;
  /** Tells whether an accepted job is not known to have ended. */
  isWorking(): boolean;
}

/** Client and callback of a workload. */
export interface WorkloadOptions {
  client: Client;
  /** Receiver of callbacks; without one recipes have no callback. */
  callback?: { url: string; secret: string };
  /** Gets every response that a well-behaved client should not get. */
  problems: string[];
}

/** Creates a workload. Each operation is sent as soon as those it needs are done, and repeated until it is done. */
export function createWorkload({ client, callback, problems }: WorkloadOptions): Workload {
  const running = new Map<string, Promise<void>>();
  const published = new Set<string>();
  const accepted: Accepted[] = [];
  const under = { uploads: 0, recipes: 0, jobs: 0 };

  async function during(kind: keyof typeof under, work: () => Promise<void>): Promise<void> {
    under[kind] += 1;
    try {
      await work();
    } finally {
      under[kind] -= 1;
    }
  }

  async function upload({ ref, archive }: Upload): Promise<void> {
    const answer = await client.send({
      name: 'upload',
      method: 'POST',
      path: `/api/v1/spaces/${ref.space}/charts`,
      body: () => chartForm(archive),
    });
    // An attempt without a response may have stored the version.
    if (answer.status !== 201 && !(answer.status === 409 && answer.repeated)) throw unexpected(answer);
    published.add(keyOf(ref));
  }

  async function replace({ ref, contents: [first, ...others] }: Replacing): Promise<void> {
    if (!first) return;
    await upload({ kind: 'upload', ref, inside: [], ...first });
    for (const { archive } of others) {
      const body = () => chartForm(archive);
      const answer = await client.send({ name: 'replace', method: 'PUT', path: pathOf(ref), body });
      if (answer.status !== 200) throw unexpected(answer);
    }
  }

  async function orchestrate(recipe: Recipe): Promise<void> {
    await Promise.all(recipe.needs.map((key) => running.get(key)));
    const { ref, save, configs } = recipe;
    const body = JSON.stringify({ save, configs, ...(recipe.callback && callback ? { callback } : {}) });
    let id = '';
    await during('recipes', async () => {
      const answer = await client.send({
        name: 'recipe',
        method: 'POST',
        path: `/api/v1/spaces/${ref.space}/charts`,
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': keyOf(ref) },
        body: () => body,
      });
      if (answer.status !== 202) throw unexpected(answer);
      ({ id } = jobShape.parse(JSON.parse(answer.text)));
    });
    const entry: Accepted = { recipe, id, state: 'accepted', attempts: 0 };
    accepted.push(entry);
    await during('jobs', async () => {
      const job = await followJob(client, id);
      Object.assign(entry, { state: job.state, attempts: job.attempts, error: job.error?.code });
    });
    if (entry.state === 'succeeded') published.add(keyOf(ref));
  }

  const perform = (operation: Operation): Promise<void> => {
    if (operation.kind === 'recipe') return orchestrate(operation);
    return during('uploads', () => (operation.kind === 'upload' ? upload(operation) : replace(operation)));
  };

  return {
    begin(operations) {
      for (const operation of operations) {
        const key = keyOf(operation.ref);
        const performed = perform(operation).catch((error: unknown) => {
          problems.push(`${operation.kind} ${key}: ${errorText(error)}`);
        });
        running.set(key, performed);
      }
    },
    async done() {
      await Promise.all(running.values());
    },
    published,
    accepted,
    inFlight: () => `${under.uploads} uploads, ${under.recipes} recipes on their way, ${under.jobs} jobs`,
    isWorking: () => under.jobs > 0,
  };
}

/** Creates the spaces of composed charts. */
export async function createSpaces(client: Client, spaces: readonly string[]): Promise<void> {
  for (const space of spaces) {
    const path = `/api/v1/spaces?space=${space}`;
    const answer = await client.send({ name: 'space', method: 'POST', path });
    if (answer.status !== 201) throw unexpected(answer);
  }
}

function unexpected({ status, text }: Answer): Error {
  const message = z.looseObject({ message: z.string(), code: z.string() }).safeParse(safeJson(text));
  return new Error(`answered ${status}: ${message.success ? message.data.message : text.slice(0, 200)}`);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
