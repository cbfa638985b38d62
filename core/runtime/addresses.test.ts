import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf, readAddress, showAddress, siteOf } from './addresses.ts';

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1/32'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
    ['::ffff:c000:201', '192.0.2.1/32'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::1', '::/64'],
    ['', 'unknown'],
    ['unknown', 'unknown'],
    ['010.0.0.1', 'unknown'],
  ])('the network of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1/32'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8:1:ffff::', '2001:db8:1::/48'],
    ['2001:db8:2:ffff::', '2001:db8:2::/48'],
    ['::1', '::/48'],
    ['unknown', 'unknown'],
  ])('the site of the network of %s is %s', (address, site) => {
    expect(siteOf(networkOf(address))).toBe(site);
  });

  it('networkOf is the same for all addresses of one /64, and differs for those of two', () => {
    const part = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16));
    const half = fc.tuple(part, part, part, part).map((parts) => parts.join(':'));
    fc.assert(
      fc.property(half, half, half, half, (network, other, host, guest) => {
        const first = networkOf(`${network}:${host}`);
        // The first 96 bits of a mapped address are not a network of its own.
        fc.pre(first.endsWith('/64') && networkOf(`${other}:${guest}`).endsWith('/64'));
        expect(networkOf(`${network}:${guest}`)).toBe(first);
        expect(networkOf(`${other}:${guest}`) === first).toBe(
          networkOf(`${network}:1:1:1:1`) === networkOf(`${other}:1:1:1:1`),
        );
      }),
    );
  });
});

it.each(['1.2.3', '1.2.3.4.5', '0x7f.0.0.1', '127.1', '1.2.3.4:80', '[::1]', '::g', ' ::1'])(
  '%j is no address and has no network',
  (text) => {
    expect(readAddress(text)).toBeUndefined();
  },
);

it('each address has one network, whatever its form', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const shown = showAddress(readAddress(text) ?? expect.fail());
      expect(showAddress(readAddress(shown) ?? expect.fail())).toBe(shown);
    }),
  );
});
