import type { Digests } from './read-back.ts';
import type { Receiver } from './receiver.ts';
import type { Accepted } from './workload.ts';

/** Result of checking a rule. */
export interface Check {
  rule: string;
  /** Violations of the rule; none where the rule holds. */
  faults: readonly string[];
  /** Text on what was examined. */
  looked: string;
}

/** Maximum attempts of a job; more count as endless repetition. */
const maxAttempts = 12;

/** Checks the accepted jobs: good ones have succeeded, bad ones have failed with their error. */
export function checkJobs(accepted: readonly Accepted[], recipes: number): Check[] {
  const good = accepted.filter(({ recipe }) => recipe.fails === undefined);
  const bad = accepted.filter(({ recipe }) => recipe.fails !== undefined);
  const name = ({ recipe, id, state, error, attempts }: Accepted) =>
    `${recipe.ref.space}/${recipe.ref.chart}/${recipe.ref.version} (${recipe.sort}), job ${id}: ${state}${error ? ` with ${error}` : ''} after ${attempts} attempts`;
  return [
    {
      rule: 'every recipe was accepted in the end',
      looked: `${accepted.length} of ${recipes}`,
      faults: accepted.length === recipes ? [] : [`${recipes - accepted.length} were not`],
    },
    {
      rule: 'every job that was answered 2xx has succeeded',
      looked: `${good.length} jobs, ${good.filter(({ attempts }) => attempts > 1).length} of them taken more than once`,
      faults: good.filter(({ state }) => state !== 'succeeded').map(name),
    },
    {
      rule: 'a job whose own input is bad has failed with its reason, and is not tried for ever',
      looked: `${bad.length} jobs, at most ${Math.max(0, ...bad.map(({ attempts }) => attempts))} attempts`,
      faults: bad
        .filter(
          ({ recipe, state, error, attempts }) =>
            state !== 'failed' || error !== recipe.fails || attempts > maxAttempts,
        )
        .map(name),
    },
  ];
}

/** Checks that the versions and digests are exactly those of an undisturbed run. */
export function checkVersions(truth: Digests, found: Digests): Check[] {
  const differing = [...truth].filter(([key, digest]) => found.has(key) && found.get(key) !== digest);
  return [
    {
      rule: 'the lists say what was made, each version once, no more and no less',
      looked: `${found.size} versions`,
      faults: [
        ...[...truth.keys()].filter((key) => !found.has(key)).map((key) => `${key} is missing`),
        ...[...found.keys()].filter((key) => !truth.has(key)).map((key) => `${key} should not be there`),
      ],
    },
    {
      rule: 'every version has the digest that an undisturbed run gives',
      looked: `${found.size} downloads against a second, empty registry (serve, embedded) that got the same requests`,
      faults: differing.map(([key, digest]) => `${key} is ${found.get(key)}, not ${digest}`),
    },
  ];
}

/** Delivery, as a row in the database. */
export interface PendingDelivery {
  id: string;
  job: string;
  state: string;
}

/** Checks that each requested callback has one delivery, done and received. */
export function checkDeliveries(
  owed: readonly PendingDelivery[],
  accepted: readonly Accepted[],
  { received, faults }: Receiver,
): Check {
  const wanted = accepted.filter(({ recipe }) => recipe.callback);
  const states = new Map(accepted.map(({ id, state }) => [id, state]));
  const perJob = (job: string) => owed.filter((delivery) => delivery.job === job).length;
  const calls = [...received.values()].reduce((sum, delivery) => sum + delivery.calls, 0);
  return {
    rule: 'no delivery is lost: each job that asked for a call has one delivery, done, received, retried under its id',
    looked: `${owed.length} deliveries, ${calls} calls`,
    faults: [
      ...faults,
      ...wanted
        .filter(({ id }) => perJob(id) !== 1)
        .map(({ id }) => `job ${id} has ${perJob(id)} deliveries`),
      ...owed
        .filter(({ state }) => state !== 'succeeded')
        .map(({ id, state }) => `delivery ${id} is ${state}`),
      ...owed
        .filter(({ id }) => !received.get(id)?.accepted)
        .map(({ id }) => `delivery ${id} was never received`),
      ...[...received]
        .filter(([id]) => !owed.some((delivery) => delivery.id === id))
        .map(([id]) => `${id} was received, and nobody owes it`),
      ...[...received]
        .filter(([, { job, state }]) => states.get(job) !== state)
        .map(([id, { job, state }]) => `${id} says that job ${job} is ${state}`),
    ],
  };
}
