import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';

const bytes = randomBytes(300_000);
const other = Buffer.from(bytes);
other.writeUInt8(bytes.readUInt8(200_000) ^ 1, 200_000);

it('assertions tell bytes that differ in one bit, also inside other values', () => {
  expect(bytes).toEqual(Buffer.from(bytes));
  expect({ all: [bytes] }).toStrictEqual({ all: [Buffer.from(bytes)] });
  expect({ all: [bytes], more: 1 }).toMatchObject({ all: [Buffer.from(bytes)] });
  expect(bytes).not.toEqual(other);
  expect({ all: [bytes] }).not.toStrictEqual({ all: [other] });
  expect({ all: [bytes], more: 1 }).not.toMatchObject({ all: [other] });
  expect(bytes).not.toEqual(bytes.subarray(1));
  expect(bytes.subarray(0, 2)).not.toStrictEqual(new Uint8Array(bytes.subarray(0, 2)));
  expect(bytes.subarray(0, 2)).not.toEqual([...bytes.subarray(0, 2)]);
});
