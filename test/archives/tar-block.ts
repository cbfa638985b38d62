/** Fields of a tar header; texts have one byte a character. */
export interface BlockFields {
  name: string;
  type: string;
  size: number;
  magic: 'v7' | 'ustar' | 'star' | 'gnu';
  prefix: string;
  mode: string;
  /** Raw texts that overwrite the header at their offsets. */
  raw: readonly (readonly [offset: number, text: string])[];
  sum: 'unsigned' | 'signed' | 'wrong';
}

const magics = { v7: '', ustar: 'ustar\u000000', star: 'ustar\u000000', gnu: 'ustar  \0' };

/** Writes a header block with its checksum. */
export function writeBlock(fields: BlockFields): Buffer {
  const head = Buffer.alloc(512);
  const put = (offset: number, text: string): number => head.write(text, offset, 'latin1');
  put(0, fields.name.slice(0, 100));
  put(100, fields.mode);
  put(108, '0000000\u00000000000\0');
  put(124, `${fields.size.toString(8).padStart(11, '0')}\u000000000000000\0`);
  put(156, fields.type);
  put(257, magics[fields.magic]);
  put(345, fields.prefix.slice(0, fields.magic === 'star' ? 131 : 155));
  if (fields.magic === 'star') put(476, '00000000000\u000000000000000\0        tar\0');
  for (const [offset, text] of fields.raw) put(offset, text);
  head.fill(0x20, 148, 156);
  const sum = head.reduce(
    (total, byte) => total + (fields.sum === 'signed' && byte > 127 ? byte - 256 : byte),
    0,
  );
  const stated = fields.sum === 'wrong' ? sum + 1 : sum;
  head.write(`${Math.max(stated, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
}

/** Pads content with zeros to whole blocks. */
export function padBlock(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** Writes a pax record with its length. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
