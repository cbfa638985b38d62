import { z } from 'zod';
import { RegistryError } from '../errors.ts';
import { isOciDigest, type OciDigest } from './digest.ts';
import { isNondistributable, mediaTypes } from './media-types.ts';

/** Largest manifest in bytes (4 MiB), the least that the distribution spec asks registries to accept. */
export const maxManifestBytes = 4 * 1024 * 1024;

const descriptorShape = z.looseObject({
  mediaType: z.string(),
  digest: z.custom<OciDigest>((value) => typeof value === 'string' && isOciDigest(value), 'no digest'),
  size: z.int().min(0),
  urls: z.array(z.string()).nullish(),
});

/** An OCI descriptor, with the fields that the registry reads. */
export type Descriptor = z.output<typeof descriptorShape>;

const sharedFieldShapes = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptorShape.nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
};
const imageShape = z.looseObject({
  ...sharedFieldShapes,
  config: descriptorShape,
  layers: z.array(descriptorShape).nullish(),
});
const indexShape = z.looseObject({ ...sharedFieldShapes, manifests: z.array(descriptorShape).nullish() });

// A document with fields of both kinds is refused: clients could read it differently (CVE-2021-41190).
const fieldsOfIndex = ['manifests'];
const fieldsOfImage = ['config', 'layers'];

/** The parts of a manifest that the registry uses. */
export interface OciManifest {
  mediaType: string;
  /** Configuration of an image; undefined for an index. */
  config: Descriptor | undefined;
  layers: readonly Descriptor[];
  /** Manifests that an index lists. */
  manifests: readonly Descriptor[];
  subject: OciDigest | undefined;
  /**
   * Artifact type for the list of referrers: the manifest's own, or else the media type of an image's configuration.
   */
  artifactType: string | undefined;
  annotations: Readonly<Record<string, string>> | undefined;
}

/**
 * Parses a manifest of the image spec 1.1. Docker's two kinds differ in their media types only.
 * @param contentType header of the request; without it the manifest's own `mediaType` decides
 * @throws {RegistryError} `manifest.invalid` with the fault and its place
 */
export function parseManifest(bytes: Buffer, contentType: string | undefined): OciManifest {
  const document = parseJson(bytes);
  const declared = parseBySchema(z.looseObject({ mediaType: z.string().optional() }), document).mediaType;
  const sent = contentType?.split(';')[0]?.trim().toLowerCase();
  if (sent && declared !== undefined && sent !== declared)
    throw invalidError(`Content-Type is ${sent}, its mediaType ${declared}: they must be the same.`);
  const mediaType = sent || declared || mediaTypes.image;
  switch (mediaType) {
    case mediaTypes.image:
    case mediaTypes.dockerImage: {
      const { config, layers, subject, artifactType, annotations } = parseBySchema(
        imageShape,
        document,
        fieldsOfIndex,
      );
      // Helm's clients read a chart's manifest as OCI's, so a chart must not be stored under Docker's media type.
      if (
        mediaType === mediaTypes.dockerImage &&
        declared === undefined &&
        config.mediaType === mediaTypes.chartConfig
      )
        throw invalidError(`a chart's manifest is ${mediaTypes.image}, not ${mediaType}.`);
      return {
        mediaType,
        config,
        layers: layers ?? [],
        manifests: [],
        subject: subject?.digest,
        artifactType: artifactType || config.mediaType,
        annotations: annotations ?? undefined,
      };
    }
    case mediaTypes.index:
    case mediaTypes.dockerIndex: {
      const { manifests, subject, artifactType, annotations } = parseBySchema(
        indexShape,
        document,
        fieldsOfImage,
      );
      return {
        mediaType,
        config: undefined,
        layers: [],
        manifests: manifests ?? [],
        subject: subject?.digest,
        artifactType: artifactType || undefined,
        annotations: annotations ?? undefined,
      };
    }
    default:
      throw invalidError(
        `${mediaType} is not stored here; expected ${mediaTypes.image} or ${mediaTypes.index}.`,
      );
  }
}

/**
 * Lists the blobs of a manifest. Required ones must be in the repository; optional ones may be served elsewhere.
 */
export function blobsOfManifest({ config, layers }: OciManifest): {
  required: OciDigest[];
  optional: OciDigest[];
} {
  const all = config ? [config, ...layers] : layers;
  const isElsewhere = (item: Descriptor) =>
    (item.urls?.length ?? 0) > 0 || isNondistributable(item.mediaType);
  const digests = (items: Descriptor[]) => [...new Set(items.map((item) => item.digest))].sort();
  return {
    required: digests(all.filter((item) => !isElsewhere(item))),
    optional: digests(all.filter(isElsewhere)),
  };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalidError('the document is not JSON.');
  }
}

/** Parses a document by a schema. @param foreign fields of the other kind of manifest, which are refused */
function parseBySchema<Schema extends z.ZodObject>(
  schema: Schema,
  document: unknown,
  foreign: readonly string[] = [],
): z.output<Schema> {
  const result = schema.safeParse(document);
  if (result.success) {
    const foreignField = foreign.find((field) => result.data[field] !== undefined);
    if (foreignField !== undefined)
      throw invalidError(`${foreignField}: a manifest of this media type has no such field.`);
    return result.data;
  }
  const issue = result.error.issues[0];
  throw invalidError(`${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'not accepted'}.`);
}

function invalidError(fault: string): RegistryError {
  return new RegistryError('manifest.invalid', `The manifest cannot be stored: ${fault}`);
}
