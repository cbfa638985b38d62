import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type FaultName, faultNames, isFaultName } from './faults.ts';

/** Size and faults of a run. */
export interface Options {
  seed: number;
  orchestrations: number;
  uploads: number;
  /** Faults of the run; each happens once in every round. */
  only: readonly FaultName[];
  rounds: number;
  apis: number;
  workers: number;
  /** Maximum milliseconds between two waves of work. */
  maxGap: number;
  /** Timeout in seconds, after the last fault, for all work to be done. */
  timeoutSeconds: number;
  /** Folder of archives to upload in addition to the generated ones. */
  charts?: string;
}

type Form = Omit<Options, 'seed' | 'only' | 'charts'>;

const short: Form = {
  orchestrations: 60,
  uploads: 30,
  rounds: 1,
  apis: 2,
  workers: 3,
  maxGap: 1_500,
  timeoutSeconds: 150,
};

const long: Form = {
  orchestrations: 500,
  uploads: 200,
  rounds: 4,
  apis: 2,
  workers: 4,
  maxGap: 4_000,
  timeoutSeconds: 300,
};

/** Returns the options of the short form, with a random seed unless one is given. */
export function shortForm(seed: string | undefined): Options {
  return { ...short, seed: readSeed(seed), only: faultNames };
}

/** Reads the options of a run. @throws {Error} on bad arguments */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      long: { type: 'boolean', default: false },
      orchestrations: { type: 'string' },
      uploads: { type: 'string' },
      only: { type: 'string' },
      charts: { type: 'string' },
    },
  });
  const form = values.long ? long : short;
  return {
    ...form,
    seed: readSeed(values.seed),
    orchestrations: readCount(values.orchestrations, form.orchestrations),
    uploads: readCount(values.uploads, form.uploads),
    only: readFaults(values.only),
    ...(values.charts === undefined ? {} : { charts: values.charts }),
  };
}

function readSeed(text: string | undefined): number {
  if (text === undefined || text === '') return randomInt(2 ** 31);
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`the seed ${text} is not a whole number`);
}

function readCount(text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new Error(`${text} is not a number of requests`);
}

function readFaults(text: string | undefined): readonly FaultName[] {
  if (text === undefined) return faultNames;
  return text.split(',').map((name) => {
    if (isFaultName(name)) return name;
    throw new Error(`there is no fault ${name}; there are ${faultNames.join(', ')}`);
  });
}
