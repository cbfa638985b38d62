import { z } from 'zod';
import { RegistryError } from '../errors.ts';
import { isOciDigest, type OciDigest } from './digest.ts';
import { isNondistributable, mediaTypes } from './media-types.ts';

/** Bytes of a manifest at most; what the distribution spec asks registries to take at least. */
export const maxManifestBytes = 4 * 1024 * 1024;

const descriptor = z.looseObject({
  mediaType: z.string(),
  digest: z.custom<OciDigest>((value) => typeof value === 'string' && isOciDigest(value), 'no digest'),
  size: z.int().min(0),
  urls: z.array(z.string()).nullish(),
});

/** A pointer to content, with the fields that are looked at here. */
export type Descriptor = z.output<typeof descriptor>;

const shared = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptor.nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
};
const image = z.looseObject({ ...shared, config: descriptor, layers: z.array(descriptor).nullish() });
const index = z.looseObject({ ...shared, manifests: z.array(descriptor).nullish() });

// What could be read as either would be another thing to the next client (CVE-2021-41190).
const fieldsOfIndex = ['manifests'];
const fieldsOfImage = ['config', 'layers'];

/** What the registry has to know of a manifest. */
export interface OciManifest {
  mediaType: string;
  /** Of an image; undefined for an index. */
  config: Descriptor | undefined;
  layers: Descriptor[];
  /** What an index lists. */
  manifests: Descriptor[];
  subject: OciDigest | undefined;
  /** As the list of referrers has it: an image's own, or else its configuration's media type. */
  artifactType: string | undefined;
  annotations: Record<string, string> | undefined;
}

/**
 * Reads a manifest as the image spec 1.1 has it; Docker's two are the same but for their names.
 * @param contentType the request's, without which the manifest's own word counts
 * @throws {RegistryError} `manifest.invalid` that says what is wrong and where
 */
export function parseManifest(bytes: Buffer, contentType: string | undefined): OciManifest {
  const document = parseJson(bytes);
  const declared = parseAs(z.looseObject({ mediaType: z.string().optional() }), document).mediaType;
  const sent = contentType?.split(';')[0]?.trim().toLowerCase();
  if (sent && declared !== undefined && sent !== declared)
    throw invalid(`Content-Type is ${sent}, its mediaType ${declared}: they must be the same.`);
  const mediaType = sent || declared || mediaTypes.image;
  switch (mediaType) {
    case mediaTypes.image:
    case mediaTypes.dockerImage: {
      const { config, layers, subject, artifactType, annotations } = parseAs(image, document, fieldsOfIndex);
      // Helm's clients read a chart's manifest as OCI's, so bytes that do not say so must not become another's.
      if (
        mediaType === mediaTypes.dockerImage &&
        declared === undefined &&
        config.mediaType === mediaTypes.chartConfig
      )
        throw invalid(`a chart's manifest is ${mediaTypes.image}, not ${mediaType}.`);
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
      const { manifests, subject, artifactType, annotations } = parseAs(index, document, fieldsOfImage);
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
      throw invalid(`${mediaType} is not stored here; expected ${mediaTypes.image} or ${mediaTypes.index}.`);
  }
}

/**
 * The blobs of a manifest: those that must be there first, and those that may be, because they are to be had elsewhere.
 */
export function blobsOf({ config, layers }: OciManifest): { required: OciDigest[]; optional: OciDigest[] } {
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
    throw invalid('it is not JSON.');
  }
}

/** @param foreign fields that belong to the other kind of manifest */
function parseAs<Schema extends z.ZodObject>(
  schema: Schema,
  document: unknown,
  foreign: readonly string[] = [],
): z.output<Schema> {
  const result = schema.safeParse(document);
  if (result.success) {
    const foreignField = foreign.find((field) => result.data[field] !== undefined);
    if (foreignField !== undefined)
      throw invalid(`${foreignField}: a manifest of this media type has no such field.`);
    return result.data;
  }
  const issue = result.error.issues[0];
  throw invalid(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not accepted'}.`);
}

function invalid(fault: string): RegistryError {
  return new RegistryError('manifest.invalid', `The manifest cannot be stored: ${fault}`);
}
