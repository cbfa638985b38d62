import { Webhook } from 'standardwebhooks';

const prefix = 'whsec_';
/**
 * Reads the key that a secret stands for: base64 with the prefix `whsec_` or without, of the Standard Webhooks
 * specification ("Symmetric signatures"). Releases before this one took any text; of such a secret, the UTF-8 bytes are
 * the key, so that its deliveries still go out as their receiver knows them.
 */
export function readKey(secret: string): Uint8Array {
  const encoded = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  const key = decodeBase64(encoded);
  const isKey = key !== undefined && (secret.startsWith(prefix) || hasKeyLength(key));
  return isKey && key.length > 0 ? key : Buffer.from(secret, 'utf8');
}

/** Whether every library of Standard Webhooks can sign and verify with a secret. */
export function isStandardSecret(secret: string): boolean {
  const key = decodeBase64(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret);
  return key !== undefined && hasKeyLength(key);
}

/** The specification asks for 24 to 64 bytes. */
function hasKeyLength({ length }: Uint8Array): boolean {
  return length >= 24 && length <= 64;
}

/** What is signed and sent: the delivery's id, the same for each attempt, and the exact body. */
export interface Signable {
  id: string;
  payload: string;
  secret?: string | undefined;
}

/**
 * The Standard Webhooks headers of one attempt; the signature only when there is a secret. The time is that of the
 * attempt, since receivers refuse what is older than some minutes.
 */
export function signDelivery({ id, payload, secret }: Signable, at: Date): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)) };
  if (secret === undefined) return headers;
  const webhook = new Webhook(readKey(secret), { format: 'raw' });
  return { ...headers, 'webhook-signature': webhook.sign(id, at, payload) };
}

/** Strict, where Buffer takes whatever it is given: padding, no other characters, no stray bits at the end. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
