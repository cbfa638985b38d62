import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type FaultName, faultNames, isFaultName } from './faults.ts';

export interface Options {
  seed: number;
  orchestrations: number;
  uploads: number;
  /** Which faults come, each as often as there are rounds. */
  only: readonly FaultName[];
  rounds: number;
  apis: number;
  workers: number;
  /** Most milliseconds between two waves of work. */
  maxGap: number;
  /** Seconds after the last fault in which all must be done. */
  timeoutSeconds: number;
  /** A folder of packaged charts to use beside the generated ones. */
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

/** The short form, with a seed of its own unless one is given. */
export function shortForm(seed: string | undefined): Options {
  return { ...short, seed: readSeed(seed), only: faultNames };
}

/** @throws Error that says what is wrong with the arguments */
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
