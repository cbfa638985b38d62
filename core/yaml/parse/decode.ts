import { isUtf8 } from 'node:buffer';
import { RegistryError } from '../../errors.ts';
import { YamlProblem, type YamlSource } from '../yaml-source.ts';

/** Characters that Go's YAML reader refuses everywhere, comments included (readerc.go). */
const refusedCharacters = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Decodes the bytes of a YAML file. UTF-16 is refused, because Helm reads it in some files only.
 *
 * @throws RegistryError with the code of `source` when the bytes are not UTF-8
 */
export function decodeYaml(bytes: Buffer, source: Pick<YamlSource, 'file' | 'code'>): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(10, from) + 1 || bytes.length;
    try {
      decoder.decode(bytes.subarray(from, end));
    } catch {
      break;
    }
    if (end >= bytes.length) break;
    from = end;
  }
  const message = `${source.file} is not valid UTF-8 (line ${line}), so Helm cannot load it; save it as UTF-8`;
  throw new RegistryError(source.code, message, { line });
}

/**
 * Removes up to two byte order marks and refuses forbidden characters.
 * Helm's loader removes one byte order mark, its YAML reader another.
 *
 * @throws YamlProblem where the text has characters that Helm refuses
 */
export function cleanYaml(original: string): string {
  let text = original;
  for (let marks = 0; marks < 2 && text.startsWith('\uFEFF'); marks++) text = text.slice(1);
  const found = refusedCharacters.exec(text);
  const offset = found?.index ?? 0;
  if (found)
    throw new YamlProblem(`the character ${codePointName(text.codePointAt(offset))} is not allowed`, offset);
  if (text.startsWith('\uFEFF')) throw new YamlProblem('it begins with more than two byte order marks', 0);
  return text;
}

function codePointName(point = 0): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}
