import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { httpStatusOfCode, RegistryError } from '../../core/errors.ts';
import { dryRun } from '../../core/jobs/dry-run.ts';
import { isFinal, type Job } from '../../core/jobs/job.ts';
import { waitForJob } from '../../core/jobs/read.ts';
import { submitJob } from '../../core/jobs/submit.ts';
import { viewJob } from '../../core/jobs/view.ts';
import { checkSpaceName } from '../../core/registry/names.ts';
import { createDeadline } from '../../core/runtime/deadline.ts';
import { withActor } from '../access/route-access.ts';
import { links } from '../links.ts';
import type { RequestedDryRun } from './dry-run-parameters.ts';
import type { Env } from './env.ts';
import { errorBodyResponse } from './error-response.ts';
import { admitWhilePresent } from './present-client.ts';
import { type RecipeBody, readRecipeBody, withErrorLocations } from './recipe-body.ts';

/**
 * Answers a recipe with 202 and its job. After a wait it answers as a synchronous server would. A dry run is answered
 * with its result.
 */
export async function answerRecipe(
  c: HonoContext<Env>,
  context: Context,
  space: string,
  only: RequestedDryRun,
): Promise<Response> {
  checkSpaceName(space);
  const body = await readRecipeBody(c, context.config.limitRecipe);
  return withErrorLocations(context.jobs.charts, space, body, () =>
    answerRecipeBody(c, context, space, body, only),
  );
}

async function answerRecipeBody(
  c: HonoContext<Env>,
  context: Context,
  space: string,
  { text: bodyText, format }: RecipeBody,
  only: RequestedDryRun,
): Promise<Response> {
  const { config } = context;
  const jobs = withActor(c, context.jobs);
  const read = await jobs.charts.readRecipe(bodyText, { space, values: config.orchestrationValues }, format);
  const yamlText = format === 'yaml' ? bodyText : undefined;
  if (only.dryRun) {
    context.inFlight.admit();
    const inFlight = admitWhilePresent(context.inFlight, c.req.raw.signal);
    const result = await dryRun(jobs, { space, ...read, yamlText, against: only.against }, inFlight);
    return c.body(result, 200, { 'Content-Type': 'application/json' });
  }
  return submitAndAnswer(c, context, (key) =>
    submitJob(jobs, { space, ...read, bodyText, yamlText, ...key }),
  );
}

/**
 * Submits a job and answers it. The answer is 202, at once or after a wait, or its end.
 * @param submit gets the idempotency key of the request, if it has one
 */
export async function submitAndAnswer(
  c: HonoContext<Env>,
  { config, jobs, closing }: Context,
  submit: (key: { idempotencyKey?: string }) => Promise<Job>,
): Promise<Response> {
  const idempotencyKey = readIdempotencyKey(c);
  const wait = readWait(c) ?? config.orchestrationWait;
  const job = await submit(idempotencyKey === undefined ? {} : { idempotencyKey });
  c.set('job', job.id);
  if (wait === 0) return acceptedResponse(c, job);
  if (isFinal(job.state)) return finishedResponse(c, job);
  const deadline = createDeadline(wait * 1000, [c.req.raw.signal, closing]);
  try {
    const waited = await waitForJob(jobs, job, deadline.signal);
    return isFinal(waited.state) ? finishedResponse(c, waited) : acceptedResponse(c, waited);
  } finally {
    deadline.dispose();
  }
}

function acceptedResponse(c: HonoContext<Env>, job: Job): Response {
  c.header('Location', links.job(job.id));
  c.header('Retry-After', '1');
  return c.json(viewJob(job, links), 202);
}

function finishedResponse(c: HonoContext<Env>, job: Job): Response {
  const view = viewJob(job, links);
  c.header('Location', view.links.self);
  // A chart link has no room for warnings, so a header says that the job has some.
  const count = view.warnings.length;
  const title = `${count} ${count === 1 ? 'warning' : 'warnings'}`;
  if (count > 0) c.header('Link', `<${view.links.self}>; rel="describedby"; title="${title}"`);
  if (view.result) return c.json(view.result, 201);
  if (view.error) return errorBodyResponse(c, view.error, httpStatusOfCode(view.error.code));
  throw new RegistryError('job.cancelled', `Job ${job.id} was cancelled before it was done.`);
}

/** Longest wait in seconds. */
const maxWaitSeconds = 300;

// Reads `wait` in seconds from `Prefer` (RFC 7240): preferences are separated by commas and may stand in several
// headers; the first of a name counts.
function readWait(c: HonoContext<Env>): number | undefined {
  const preference = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[,;]|$)/i.exec(c.req.header('prefer') ?? '');
  if (!preference) return undefined;
  const seconds = Math.min(Number(preference[1]), maxWaitSeconds);
  c.header('Preference-Applied', `wait=${seconds}`);
  return seconds;
}

function readIdempotencyKey(c: HonoContext<Env>): string | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new RegistryError('request.invalid', 'Idempotency-Key takes 1 to 255 printable ASCII characters.', {
    header: 'Idempotency-Key',
  });
}
