/** Reads the licence that annotations name, in the custom of Artifact Hub or that of Bitnami. */
export function readLicense(annotations: Readonly<Record<string, string>>): string | undefined {
  return annotations['artifacthub.io/license'] ?? annotations.licenses;
}
