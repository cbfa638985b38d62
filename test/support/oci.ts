import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TestClient } from './client.ts';

/** Media type of an image manifest. */
export const imageType = 'application/vnd.oci.image.manifest.v1+json';
/** Media type of an image index. */
export const indexType = 'application/vnd.oci.image.index.v1+json';
/** Media types of the parts of a chart. */
export const chartTypes = {
  config: 'application/vnd.cncf.helm.config.v1+json',
  archive: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  provenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
};

const descriptorShape = z.looseObject({ mediaType: z.string(), digest: z.string(), size: z.int() });
const manifestShape = z.looseObject({
  schemaVersion: z.literal(2),
  config: descriptorShape,
  layers: z.array(descriptorShape),
  annotations: z.record(z.string(), z.string()).optional(),
});
const indexShape = z.looseObject({ mediaType: z.literal(indexType), manifests: z.array(descriptorShape) });
const problemShape = z.object({
  errors: z.array(z.looseObject({ code: z.string(), message: z.string() })).length(1),
});
const tagsShape = z.object({ name: z.string(), tags: z.array(z.string()) });

/** Reads the single error of a response in the format of OCI. */
export async function problemOf(response: Response) {
  const problem = problemShape.parse(await response.json()).errors[0];
  return { status: response.status, code: problem?.code, message: problem?.message ?? '' };
}
/** Reads an image manifest. */
export const manifestOf = async (response: Response) => manifestShape.parse(await response.json());
/** Reads an image index. */
export const indexOf = async (response: Response) => indexShape.parse(await response.json());
/** Reads a list of tags. */
export const tagsOf = async (response: Response) => tagsShape.parse(await response.json()).tags;

/** Computes the OCI digest of bytes. */
export function digest(bytes: string | Buffer, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** Builds the descriptor of a blob. */
export function descriptor(mediaType: string, bytes: string | Buffer, more: object = {}) {
  return { mediaType, digest: digest(bytes), size: Buffer.byteLength(bytes), ...more };
}

/** Opens a repository: the requests of an OCI client for one repository name. */
export function openRepository(client: TestClient, name: string) {
  const call = (path: string, init?: RequestInit) => client.request(`/v2/${name}/${path}`, init);
  const begin = async () => {
    const response = await call('blobs/uploads/', { method: 'POST' });
    return response.headers.get('location') ?? '';
  };
  const patch = (location: string, bytes: string | Buffer, range?: string) =>
    client.request(location, {
      method: 'PATCH',
      body: new Uint8Array(Buffer.from(bytes)),
      headers: { 'Content-Type': 'application/octet-stream', ...(range ? { 'Content-Range': range } : {}) },
    });
  const finish = (location: string, as: string, bytes: string | Buffer = '', range?: string) =>
    client.request(`${location}?digest=${as}`, {
      method: 'PUT',
      body: new Uint8Array(Buffer.from(bytes)),
      headers: { 'Content-Type': 'application/octet-stream', ...(range ? { 'Content-Range': range } : {}) },
    });
  const pushBlob = (bytes: string | Buffer, as = digest(bytes)) =>
    call(`blobs/uploads/?digest=${as}`, { method: 'POST', body: new Uint8Array(Buffer.from(bytes)) });
  const put = (reference: string, body: string | Buffer, type = imageType) =>
    call(`manifests/${reference}`, {
      method: 'PUT',
      body: new Uint8Array(Buffer.from(body)),
      headers: { 'Content-Type': type },
    });
  return {
    name,
    call,
    begin,
    patch,
    finish,
    pushBlob,
    put,
    remove: (path: string) => call(path, { method: 'DELETE' }),
    /** Pushes an artifact with one layer. @returns its manifest */
    async pushArtifact(reference: string | undefined, layer: string | Buffer, fields: object = {}) {
      await Promise.all([pushBlob('{}'), pushBlob(layer)]);
      const body = JSON.stringify({
        schemaVersion: 2,
        mediaType: imageType,
        config: descriptor('application/vnd.oci.empty.v1+json', '{}'),
        layers: [descriptor('application/octet-stream', layer)],
        ...fields,
      });
      const response = await put(reference ?? digest(body), body);
      return { body, digest: digest(body), response };
    },
    /** Pushes a chart by the requests of `helm push`, in its order. @returns also the response to the PUT by tag */
    async pushChart(archive: Buffer, tag: string, options: { provenance?: string; note?: string } = {}) {
      const config = JSON.stringify({ name: name.split('/').at(-1), version: tag.replaceAll('_', '+') });
      const layers = [descriptor(chartTypes.archive, archive)];
      const blobs = [config, archive];
      if (options.provenance !== undefined) {
        layers.push(descriptor(chartTypes.provenance, options.provenance));
        blobs.push(options.provenance);
      }
      for (const blob of blobs) await finish(await begin(), digest(blob), blob);
      const body = JSON.stringify({
        schemaVersion: 2,
        config: descriptor(chartTypes.config, config),
        layers: layers.sort((left, right) => (left.digest < right.digest ? -1 : 1)),
        annotations: { 'org.opencontainers.image.created': options.note ?? 'now' },
      });
      await put(digest(body), body);
      return { body, digest: digest(body), response: await put(tag, body) };
    },
  };
}
