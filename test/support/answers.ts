import { z } from 'zod';
import { deliveryList, dependentList, dryRunShape, job, jobList, lineage } from '../../api/job-schemas.ts';
import { chartLinkShape, errorShape, metadata, metadataList, nameList } from '../../api/schemas.ts';

// Answers as tests read them: each is held against what `/openapi.json` promises of it.

const document = z.record(z.string(), z.unknown());

async function parse<Schema extends z.ZodType>(
  schema: Schema,
  response: Response,
): Promise<z.output<Schema>> {
  return schema.parse(await response.json());
}

export const namesOf = (response: Response) => parse(nameList, response);
export const metadataOf = (response: Response) => parse(metadata, response);
export const metadataListOf = (response: Response) => parse(metadataList, response);
export const valuesOf = (response: Response) => parse(document, response);
export const linkOf = (response: Response) => parse(chartLinkShape, response);
export const planOf = (response: Response) => parse(dryRunShape, response);
export const lineageOf = (response: Response) => parse(lineage, response);
export const dependentsOf = (response: Response) => parse(dependentList, response);
export const jobOf = (response: Response) => parse(job, response);
export const jobsOf = (response: Response) => parse(jobList, response);
export const deliveriesOf = (response: Response) => parse(deliveryList, response);
export const errorOf = (response: Response) => parse(errorShape, response);
