import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGuard } from './guard.ts';

const guard = createGuard([]);

describe('where webhooks may go when nothing is allowed', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '2606:4700:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])('the guard of webhooks lets %s through', (address) => {
    expect(guard(address)).toBe(true);
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback', '::1'],
    ['unspecified', '0.0.0.0'],
    ['unspecified', '0.1.2.3'],
    ['unspecified', '::'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['link-local, where clouds keep credentials', '169.254.169.254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['unique-local', 'fd00:ec2::254'],
    ['site-local', 'fec0::1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['documentation', '203.0.113.9'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '2001:db8::1'],
    ['discard', '100::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback in hex', '::ffff:7f00:1'],
    ['mapped private', '::ffff:10.0.0.1'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['translated private', '::ffff:0:10.0.0.1'],
    ['NAT64 to loopback', '64:ff9b::127.0.0.1'],
    ['NAT64 for local use', '64:ff9b:1::8.8.8.8'],
    ['6to4 to private', '2002:a00:1::1'],
    ['Teredo whose client is private', '2001:0:808:808::f5ff:fffe'],
    ['Teredo whose server is private', '2001:0:a00:1::f7f7:f7f7'],
    ['not an address', 'localhost'],
    ['an ambiguous spelling', '0177.0.0.1'],
    ['nothing', ''],
  ])('the guard of webhooks refuses %s: %s', (_kind, address) => {
    expect(guard(address)).toBe(false);
  });

  it('treats an IPv4 address alike in every IPv6 form that carries it', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), ([a, b, c, d]) => {
        const plain = guard(`${a}.${b}.${c}.${d}`);
        const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
        const turned = `${((a * 256 + b) ^ 0xffff).toString(16)}:${((c * 256 + d) ^ 0xffff).toString(16)}`;
        expect(guard(`::ffff:${hex}`)).toBe(plain);
        expect(guard(`64:ff9b::${hex}`)).toBe(plain);
        expect(guard(`2002:${hex}::1`)).toBe(plain);
        expect(guard(`2001:0:808:808:0:0:${turned}`)).toBe(plain);
      }),
    );
  });
});

describe('allowed ranges', () => {
  it('allows addresses in the allowed ranges and no others', () => {
    const allowing = createGuard(['10.1.0.0/16', 'fd00:1::/32']);
    expect(allowing('10.1.255.255')).toBe(true);
    expect(allowing('fd00:1:2::3')).toBe(true);
    expect(allowing('10.2.0.0')).toBe(false);
    expect(allowing('fd00:2::3')).toBe(false);
    expect(allowing('8.8.8.8')).toBe(true);
  });

  it('applies allowed ranges to the IPv4 address inside an IPv6 one, and reads mapped ranges', () => {
    expect(createGuard(['127.0.0.0/8'])('::ffff:127.0.0.1')).toBe(true);
    expect(createGuard(['::ffff:10.0.0.0/104'])('10.9.9.9')).toBe(true);
    expect(createGuard(['::ffff:10.0.0.0/104'])('192.168.0.1')).toBe(false);
  });

  it('allows every address by ranges of zero bits', () => {
    const open = createGuard(['0.0.0.0/0', '::/0']);
    expect(open('127.0.0.1')).toBe(true);
    expect(open('fe80::1')).toBe(true);
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '010.0.0.0/8',
    'office/8',
    '10.0.0.0/8/8',
    '10.0.0.0/x',
    '',
  ])('ranges that cannot be read are refused by name: %s', (range) => {
    expect(() => createGuard(['127.0.0.0/8', range])).toThrow(`"${range}" is not a range of addresses`);
  });
});
