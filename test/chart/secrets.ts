import { z } from 'zod';
import type { Pod, Resource } from './render.ts';

const secret = z.looseObject({
  data: z.record(z.string(), z.string()).default({}),
  stringData: z.record(z.string(), z.string()).default({}),
});

/** Reads the secrets that resources make. Each is there by its name, the text of each key by `NAME/KEY`. */
export function readSecrets(resources: readonly Resource[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const resource of resources.filter(({ kind }) => kind === 'Secret')) {
    const { name } = resource.metadata;
    const { data, stringData } = secret.parse(resource);
    texts.set(name, '');
    for (const [key, text] of Object.entries(data)) texts.set(`${name}/${key}`, atob(text));
    for (const [key, text] of Object.entries(stringData)) texts.set(`${name}/${key}`, text);
  }
  return texts;
}

/** Lists the secrets and keys that a pod needs to start, as `NAME` and `NAME/KEY`. */
export function listNeededSecrets({ initContainers, containers, volumes }: Pod): string[] {
  const variables = [...initContainers, ...containers].flatMap(({ env }) =>
    env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []),
  );
  const files = volumes.flatMap(({ secret }) =>
    secret
      ? [secret.secretName, ...(secret.items ?? []).map(({ key }) => `${secret.secretName}/${key}`)]
      : [],
  );
  return [...variables.map(({ name, key }) => `${name}/${key}`), ...files];
}
