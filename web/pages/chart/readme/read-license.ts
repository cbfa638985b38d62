/** Reads the licence that annotations name. Artifact Hub has a key for it, and Bitnami another one. */
export function readLicense(annotations: Readonly<Record<string, string>>): string | undefined {
  return annotations['artifacthub.io/license'] ?? annotations.licenses;
}
