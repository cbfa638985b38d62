import type { Actor } from '../../access/actor.ts';
import { isRegistryError } from '../../errors.ts';
import type { Job, JobState } from '../job.ts';
import { mayReadJob } from '../job-access.ts';
import type { JobDeps } from '../jobs.ts';
import { maskJob } from '../mask-job.ts';
import type { JobStream } from './job-stream.ts';
import type { Position } from './position.ts';
import { type ChangedJob, readChanges } from './read-changes.ts';

/** Conditions on the jobs of a stream; one that is not set lets all through. */
export interface JobStreamFilter {
  space?: string | undefined;
  /** States of the jobs; a job that leaves them is not sent. */
  states?: readonly JobState[] | undefined;
}

/** Event of a stream: a job as its reader may see it, or that the list has to be read again, or neither. */
export interface StreamEvent {
  kind: 'job' | 'reset' | 'position';
  job?: Job;
  /** Position from which the stream goes on without a gap. */
  position: Position;
}

/** Stream that a reader has opened, and has to stop. */
export interface OpenedJobStream extends Pick<JobStream, 'cutOff' | 'stop'> {
  events: AsyncGenerator<StreamEvent>;
}

/** Milliseconds without a change after which the right to read is checked again, and the position sent. */
const idleMs = 15_000;

/**
 * Streams the changes of jobs that an actor may read. Each comes as it is at the moment of reading: of several changes
 * a reader may get the last alone. It ends with the process, with the credential, and with the right to read the space.
 * @param since position after which a reader resumes; `lost` for a text that is none
 * @throws {RegistryError} `service.busy`
 */
export async function openJobStream(
  jobs: JobDeps,
  followed: JobStreamFilter,
  since: Position | 'lost' | undefined,
): Promise<OpenedJobStream> {
  const wants = ({ space, state }: Job) =>
    (followed.space === undefined || space === followed.space) &&
    (followed.states === undefined || followed.states.includes(state));
  const isAllowed = await createRightCheck(jobs.actor, followed.space);
  const { stream, position } = await jobs.streams.open(wants);
  return {
    cutOff: stream.cutOff,
    stop: stream.stop,
    events: sendMissedAndNewChanges(jobs, stream, { since, position, wants, isAllowed }),
  };
}

/** Place where a stream begins, and what it tells. */
interface StreamStart {
  since: Position | 'lost' | undefined;
  position: Position;
  wants: (job: Job) => boolean;
  isAllowed: () => Promise<boolean>;
}

async function* sendMissedAndNewChanges(
  jobs: JobDeps,
  stream: JobStream,
  start: StreamStart,
): AsyncGenerator<StreamEvent> {
  yield* sendMissedChanges(jobs, start);
  yield* sendChanges(jobs.actor, stream, start.isAllowed);
}

/**
 * Sends what has changed since the reader left, and where the stream begins. The stream itself sends what comes
 * meanwhile.
 */
async function* sendMissedChanges(
  { db, actor, catchingUp }: JobDeps,
  { since, position, wants }: StreamStart,
): AsyncGenerator<StreamEvent> {
  if (since === 'lost') return yield { kind: 'reset', position };
  if (!since) return yield { kind: 'position', position };
  const missed = await catchingUp.run(() => readChanges(db, since));
  if (!missed.pages) return yield { kind: 'reset', position };
  for await (const page of missed.pages)
    yield* sendJobs(
      actor,
      page.filter(({ job }) => wants(job)),
    );
  yield { kind: 'position', position: missed.position };
}

async function* sendChanges(
  actor: Actor,
  stream: JobStream,
  isAllowed: () => Promise<boolean>,
): AsyncGenerator<StreamEvent> {
  for (;;) {
    const received = await stream.next(idleMs);
    if (!received || !(await isAllowed())) return;
    const { jobs, position, isReset } = received;
    if (isReset) yield { kind: 'reset', position };
    else if (jobs.length === 0) yield { kind: 'position', position };
    else yield* sendJobs(actor, withFinalPosition(jobs, position));
  }
}

/** Gives the last of some jobs the position after all of them. */
function withFinalPosition(jobs: readonly ChangedJob[], position: Position): readonly ChangedJob[] {
  return jobs.map((changed, index) => (index === jobs.length - 1 ? { ...changed, position } : changed));
}

/** Tells the jobs that the actor may read at the moment. */
async function* sendJobs(actor: Actor, jobs: readonly ChangedJob[]): AsyncGenerator<StreamEvent> {
  for (const { job, position } of jobs)
    if (await mayReadJob(actor, job)) yield { kind: 'job', job: await maskJob(actor, job), position };
}

/**
 * Creates a check of the right by which an actor follows a space.
 * @returns whether it still holds. Who had none from the start follows own jobs, which need none; so does who follows all
 *   spaces. A credential that is no longer valid ends both
 */
async function createRightCheck(actor: Actor, space: string | undefined): Promise<() => Promise<boolean>> {
  const holds = async () => {
    await actor.subject();
    return space === undefined || actor.may('job.read', { space });
  };
  const heldFirst = await holds();
  return async () => {
    try {
      return (await holds()) || !heldFirst;
    } catch (error) {
      if (isRegistryError(error, 'access.unauthenticated')) return false;
      throw error;
    }
  };
}
