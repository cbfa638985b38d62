import { Webhook } from 'standardwebhooks';

const secretPrefix = 'whsec_';
/**
 * Reads the key of a secret: base64 with or without the prefix `whsec_`. Standard Webhooks has it under "Symmetric
 * signatures". Earlier releases accepted any text; the key of such a secret is its UTF-8 bytes, so that old
 * deliveries still verify.
 */
export function readSigningKey(secret: string): Uint8Array {
  const encoded = secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret;
  const key = decodeBase64(encoded);
  const isKey = key !== undefined && (secret.startsWith(secretPrefix) || hasKeyLength(key));
  return isKey && key.length > 0 ? key : Buffer.from(secret, 'utf8');
}

/** Tells whether every library of Standard Webhooks can use a secret. */
export function isStandardSecret(secret: string): boolean {
  const key = decodeBase64(secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret);
  return key !== undefined && hasKeyLength(key);
}

/** The specification requires 24 to 64 bytes. */
function hasKeyLength({ length }: Uint8Array): boolean {
  return length >= 24 && length <= 64;
}

/** Delivery to sign: its id, which all attempts share, and the exact body. */
export interface DeliveryToSign {
  id: string;
  payload: string;
  secret?: string | undefined;
  /** Secret before the last change, while receivers may still have that one. */
  previousSecret?: string | undefined;
}

/**
 * Makes the Standard Webhooks headers of an attempt. There is a signature if there is a secret. The timestamp is that
 * of the attempt, since receivers refuse requests older than some minutes. With two secrets there are two signatures.
 */
export function signDelivery(
  { id, payload, secret, previousSecret }: DeliveryToSign,
  at: Date,
): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)) };
  const secrets = [secret, previousSecret].filter((text) => text !== undefined);
  if (secrets.length === 0) return headers;
  const signatures = secrets.map((text) =>
    new Webhook(readSigningKey(text), { format: 'raw' }).sign(id, at, payload),
  );
  return { ...headers, 'webhook-signature': signatures.join(' ') };
}

/** Decodes base64 strictly, unlike Buffer: padding, no other characters, no unused bits at the end. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
