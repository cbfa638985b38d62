import { z } from 'zod';
import { comparison } from '../../api/compare-schemas.ts';
import {
  chartDetailsList,
  fullVersionDetails,
  spaceDetailsList,
  versionDetailsList,
} from '../../api/details-schemas.ts';
import { followList, followShape } from '../../api/follow-schemas.ts';
import { deliveryList, dependentList, dryRunShape, job, jobPage, lineage } from '../../api/job-schemas.ts';
import { metadata, metadataList } from '../../api/metadata-schemas.ts';
import { composedState, composedStateList } from '../../api/outdated-schemas.ts';
import { chartLinkShape, errorShape, nameList } from '../../api/schemas.ts';

// Readers of responses. Each parses the body with the schema of `/openapi.json`, so a deviation fails the test.

const document = z.record(z.string(), z.unknown());

async function parse<Schema extends z.ZodType>(
  schema: Schema,
  response: Response,
): Promise<z.output<Schema>> {
  return schema.parse(await response.json());
}

/** Reads a list of names. */
export const namesOf = (response: Response) => parse(nameList, response);
/** Reads the metadata of one version. */
export const metadataOf = (response: Response) => parse(metadata, response);
/** Reads a list of metadata. */
export const metadataListOf = (response: Response) => parse(metadataList, response);
/** Reads a JSON object, such as values. */
export const valuesOf = (response: Response) => parse(document, response);
/** Reads a list of spaces with details. */
export const spaceDetailsOf = (response: Response) => parse(spaceDetailsList, response);
/** Reads a list of charts with details. */
export const chartDetailsOf = (response: Response) => parse(chartDetailsList, response);
/** Reads a list of versions with details. */
export const versionDetailsOf = (response: Response) => parse(versionDetailsList, response);
/** Reads the details of one version. */
export const fullDetailsOf = (response: Response) => parse(fullVersionDetails, response);
/** Reads the link of a published chart. */
export const linkOf = (response: Response) => parse(chartLinkShape, response);
/** Reads the result of a dry run. */
export const planOf = (response: Response) => parse(dryRunShape, response);
/** Reads a lineage. */
export const lineageOf = (response: Response) => parse(lineage, response);
/** Reads a list of dependents. */
export const dependentsOf = (response: Response) => parse(dependentList, response);
/** Reads whether a composed version is up to date. */
export const composedStateOf = (response: Response) => parse(composedState, response);
/** Reads a list of composed versions with their states. */
export const composedStatesOf = (response: Response) => parse(composedStateList, response);
/** Reads a comparison. */
export const comparisonOf = (response: Response) => parse(comparison, response);
/** Reads a job. */
export const jobOf = (response: Response) => parse(job, response);
/** Reads the follow of a chart. */
export const followOf = (response: Response) => parse(followShape, response);
/** Reads a list of follows. */
export const followsOf = (response: Response) => parse(followList, response);
/** Reads a list of jobs. */
export const jobsOf = (response: Response) => parse(jobPage, response);
/** Reads a list of deliveries. */
export const deliveriesOf = (response: Response) => parse(deliveryList, response);
/** Reads an error. */
export const errorOf = (response: Response) => parse(errorShape, response);
