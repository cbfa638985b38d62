import { archiveName } from '../archive/archive-name.ts';
import { RegistryError } from '../errors.ts';
import { getKey, isObject, type JsonObject } from '../yaml/json.ts';
import { parseYamlMap } from '../yaml/yaml.ts';
import { createYamlBudget } from '../yaml/yaml-source.ts';

/** The content of a provenance file: names of Chart.yaml, and the digests of the signed files. */
export interface Provenance {
  chart: string;
  version: string;
  /** Digests (`sha256:...`) by file name. */
  files: ReadonlyMap<string, string>;
}

/**
 * Reads a provenance file as `helm package --sign` writes it.
 * A provenance file is a clear-signed message (RFC 9580 section 7) of Chart.yaml, a line of three dots, and `files`. The signature
 * is not verified: only clients have the key.
 *
 * @throws RegistryError `provenance.invalid`
 */
export function readProvenance(bytes: Uint8Array): Provenance {
  const message = signedText(Buffer.from(bytes).toString('utf8').replaceAll('\r\n', '\n'));
  if (message === undefined) throw invalidProvenanceError('it is not a message signed in the clear by PGP');
  // Lines that begin with a dash are escaped by `- `.
  const parts = message.replace(/^- /gm, '').split('\n...\n');
  const [manifest, sums] = parts.length === 2 ? parts : [];
  if (manifest === undefined || sums === undefined)
    throw invalidProvenanceError(
      'the signed message is not a Chart.yaml, a line of three dots, and the files',
    );
  const chart = parse(manifest);
  const files = getKey(parse(sums), 'files');
  if (!isObject(files)) throw invalidProvenanceError('the signed message has no map of files');
  return {
    chart: requireText(chart, 'name'),
    version: requireText(chart, 'version'),
    files: new Map(Object.keys(files).map((name) => [name, requireText(files, name)])),
  };
}

/** Returns the text between the armor's header, which an empty line ends, and the signature. */
function signedText(file: string): string | undefined {
  const begin = file.indexOf('-----BEGIN PGP SIGNED MESSAGE-----\n');
  const header = begin === -1 ? -1 : file.indexOf('\n\n', begin);
  const end = header === -1 ? -1 : file.indexOf('\n-----BEGIN PGP SIGNATURE-----', header);
  return end === -1 ? undefined : file.slice(header + 2, end);
}

/**
 * Checks that a provenance file has an archive's digest. The digest stands under the name by which Helm looks for it.
 *
 * @throws RegistryError `provenance.invalid`, `provenance.mismatch`
 */
export function checkProvenance(bytes: Uint8Array, chart: string, version: string, digest: string): void {
  const { files } = readProvenance(bytes);
  const name = archiveName(chart, version);
  const sum = files.get(name);
  if (sum === digest) return;
  const [other = 'no file'] = files.keys();
  throw new RegistryError(
    'provenance.mismatch',
    sum === undefined
      ? `The provenance file vouches for ${other}, not for ${name}.`
      : `The provenance file vouches for ${name} as ${sum}; the archive is ${digest}.`,
    { file: name },
  );
}

function parse(yaml: string): JsonObject {
  return parseYamlMap(yaml, {
    file: 'the provenance file',
    code: 'provenance.invalid',
    budget: createYamlBudget(),
  });
}

function requireText(map: JsonObject, key: string): string {
  const value = getKey(map, key);
  if (typeof value === 'string') return value;
  throw invalidProvenanceError(`${key} in the signed message is not text`);
}

function invalidProvenanceError(problem: string): RegistryError {
  return new RegistryError(
    'provenance.invalid',
    `This is not a provenance file: ${problem}. Make one with \`helm package --sign\`.`,
  );
}
