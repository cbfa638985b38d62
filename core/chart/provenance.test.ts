import { describe, expect, it } from 'vitest';
import { signInTheClear } from './provenance.fixture.ts';
import { checkProvenance, readProvenance } from './provenance.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const manifest = 'apiVersion: v2\nmaintainers:\n- name: Jo\nname: web-2\nversion: 1.0.0+b.1\n';
const files = `files:\n  web-2-1.0.0+b.1.tgz: ${digest}\n`;
const provenance = signInTheClear(`${manifest}\n...\n${files}`);
const check = (bytes: Buffer) => () => checkProvenance(bytes, 'web-2', '1.0.0+b.1', digest);

describe('readProvenance', () => {
  it('readProvenance reads a message that Helm signs: Chart.yaml, three dots, files', () => {
    const expected = {
      chart: 'web-2',
      version: '1.0.0+b.1',
      files: new Map([['web-2-1.0.0+b.1.tgz', digest]]),
    };
    expect(readProvenance(provenance)).toEqual(expected);
    const windows = Buffer.from(provenance.toString().replaceAll('\n', '\r\n'));
    expect(readProvenance(windows)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['no signature', provenance.toString().replace(/-----BEGIN PGP SIGNATURE[\s\S]+/, '')],
    ['no message', '-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n'],
    ['no files', signInTheClear(manifest).toString()],
    ['files that are no map', signInTheClear(`${manifest}\n...\nfiles: 1\n`).toString()],
    ['broken YAML', signInTheClear(`${manifest}\n...\n{{{\n`).toString()],
    ['ever new beginnings', '-----BEGIN PGP SIGNED MESSAGE-----\n'.repeat(20_000)],
  ])('readProvenance refuses %s', (_, text) => {
    expect(check(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'provenance.invalid' }));
  });
});

describe('checkProvenance', () => {
  it("checkProvenance accepts a file with the archive's digest", () => {
    expect(check(provenance)).not.toThrow();
  });

  it('the error of checkProvenance names the archive that the file is for', () => {
    const of = (text: string) => signInTheClear(`${manifest}\n...\n${text}`);
    const other = `sha256:${'b'.repeat(64)}`;
    expect(check(of(`files:\n  web-2-1.0.0+b.1.tgz: ${other}\n`))).toThrow(
      expect.objectContaining({ code: 'provenance.mismatch', message: expect.stringContaining(other) }),
    );
    expect(check(of(`files:\n  web-2-2.0.0.tgz: ${digest}\n`))).toThrow(
      expect.objectContaining({
        code: 'provenance.mismatch',
        message: expect.stringContaining('web-2-2.0.0.tgz'),
      }),
    );
  });
});
