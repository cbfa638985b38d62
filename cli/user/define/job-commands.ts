import { type Command, InvalidArgumentError } from 'commander';
import { defineCommand, loadAndRun, parseCount, parseDuration } from './define-command.ts';

/** Adds the commands of jobs. */
export function addJobCommands(program: Command): void {
  const job = program.command('job').description('show, follow and cancel jobs');

  defineCommand(job, 'list', {
    description: 'list jobs, the newest first',
    examples: [
      'helm-registry job list',
      'helm-registry job list --space team-a --state queued,running -o name',
    ],
  })
    .option('--space <space>', 'only jobs that make a chart in a space')
    .option('--chart <chart>', 'only jobs that make a chart')
    .option('--state <states>', 'only jobs in some states, joined by commas', parseStates)
    .option('--limit <number>', 'jobs at the most', parseCount, 20)
    .action((options) =>
      loadAndRun(options, async () => {
        const { listJobs } = await import('../actions/jobs.ts');
        return (session) => listJobs(session, options);
      }),
    );

  defineCommand(job, 'get', {
    description: 'show a job',
    examples: ['helm-registry job get $JOB -o json'],
  })
    .argument('<id>', 'id of the job')
    .action((id, options) =>
      loadAndRun(options, async () => {
        const { getJob } = await import('../actions/jobs.ts');
        return (session) => getJob(session, id);
      }),
    );

  defineCommand(job, 'watch', {
    description: 'follow a job to its end',
    more: 'Writes a line for each change; with -o json a document on each. Exits with 6 when the job fails or is cancelled.',
    examples: ['helm-registry job watch $JOB', 'helm-registry job watch $JOB --timeout 30s -o json'],
  })
    .argument('<id>', 'id of the job')
    .option(
      '--timeout <time>',
      'follow it at most this long, such as 30s, 10m or 1h',
      parseDuration,
      86_400_000,
    )
    .action((id, options) =>
      loadAndRun(options, async () => {
        const { watchJob } = await import('../actions/jobs.ts');
        return (session) => watchJob(session, id, options.timeout);
      }),
    );

  defineCommand(job, 'cancel', {
    description: 'cancel a job that is not over',
    examples: ['helm-registry job cancel $WAITING_JOB'],
  })
    .argument('<id>', 'id of the job')
    .action((id, options) =>
      loadAndRun(options, async () => {
        const { cancelJob } = await import('../actions/jobs.ts');
        return (session) => cancelJob(session, id);
      }),
    );
}

function parseStates(text: string): string[] {
  const known = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];
  const states = text.split(',');
  if (states.every((state) => known.includes(state))) return states;
  throw new InvalidArgumentError(`Expected some of ${known.join(', ')}, joined by commas.`);
}
