import { digestOf } from '../blobs/content.ts';
import type { Digest } from '../blobs/port.ts';
import { type ImageType, imageTypeOf } from './image-type.ts';

/** Icon of a chart, with the type that its bytes have. */
export interface Icon {
  type: ImageType;
  digest: Digest;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Makes the icon of an image; undefined for bytes that are none. */
export function toIcon(bytes: Uint8Array<ArrayBuffer>): Icon | undefined {
  const type = imageTypeOf(bytes);
  return type && { type, digest: digestOf(bytes), bytes };
}
