import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { type Helm, type HelmAnswer, runHelm } from '../support/helm/program.ts';

/** Folder of the chart. */
export const chartFolder = fileURLToPath(new URL('deploy/chart/', packageFolder));

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'helm-registry');
const validator = join(cache, 'chart/python/bin/kubernetes-validate');

/** Tells whether kubernetes-validate is missing, so that its tests are left out. CI leaves nothing out. */
export const lacksValidator = process.env.CI === undefined && !existsSync(validator);

const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .looseObject({ secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional() })
    .optional(),
});
const volume = z.looseObject({
  name: z.string(),
  secret: z
    .looseObject({ secretName: z.string(), items: z.array(z.looseObject({ key: z.string() })).optional() })
    .optional(),
});
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).optional(),
  env: z.array(variable).default([]),
  securityContext: z.unknown().optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string() })).default([]),
});
const pod = z.looseObject({
  containers: z.array(container),
  initContainers: z.array(container).default([]),
  volumes: z.array(volume).default([]),
  automountServiceAccountToken: z.unknown(),
  securityContext: z.unknown(),
  terminationGracePeriodSeconds: z.number().optional(),
});
const resource = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.unknown().optional(),
});
const workload = z.looseObject({ template: z.looseObject({ spec: pod }) });

/** Rendered resource of Kubernetes. */
export type Resource = z.infer<typeof resource>;
/** Container of a pod. */
export type Container = z.infer<typeof container>;
/** Pod as the template of a workload describes it. */
export type Pod = z.infer<typeof pod>;

/** Lists the files of values in deploy/chart/ci. */
export async function listValueFiles(): Promise<string[]> {
  return (await readdir(join(chartFolder, 'ci'))).sort();
}

/** Runs `helm template` on the chart, as release `r`. Helm gets files of `ci` and further arguments. */
export function template(helm: Helm, home: string, files: string[], ...args: string[]): Promise<HelmAnswer> {
  const values = files.flatMap((file) => ['--values', join(chartFolder, 'ci', file)]);
  const version = ['--kube-version', '1.33.0'];
  return runHelm(helm, ['template', 'r', chartFolder, ...version, ...values, ...args], home);
}

/** Parses the output of `helm template`. */
export function parseResources(output: string): Resource[] {
  const documents = parseAllDocuments(output).map((document): unknown => document.toJS());
  return documents.filter((document) => document !== null).map((document) => resource.parse(document));
}

/** Lists the pods that resources make, each with the name of its resource. */
export function podsOf(resources: readonly Resource[]): { of: Resource; pod: Pod }[] {
  return resources
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind))
    .map((of) => ({ of, pod: workload.parse(of.spec).template.spec }));
}

/**
 * Validates files of resources by the schemas of a version of Kubernetes.
 * @returns the lines that do not report success
 */
export async function validateResources(files: readonly string[], kubernetes: string): Promise<string[]> {
  const run = promisify(execFile)(validator, ['-k', kubernetes, '--strict', ...files], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { stdout, stderr } = await run.catch((failure: unknown) =>
    z.object({ stdout: z.string(), stderr: z.string() }).parse(failure),
  );
  return `${stdout}\n${stderr}`.split('\n').filter((line) => line !== '' && !/^INFO .* passed/.test(line));
}

/** Reads a file of the chart. */
export function readChartFile(path: string): Promise<string> {
  return readFile(join(chartFolder, path), 'utf8');
}
