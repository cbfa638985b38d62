import { describe, expect, it } from 'vitest';
import { compareRenderings } from './compare-renderings.ts';

const document = (source: string, ...lines: string[]) =>
  ['---', `# Source: ${source}`, ...lines, ''].join('\n');
const service = document('shop/templates/a.yaml', 'kind: Service', 'port: 80');
const secret = (password: string, ...rest: string[]) =>
  document('shop/templates/b.yaml', 'kind: Secret', `password: ${password}`, ...rest);

function differences(own: string, again: string, other: string): string {
  return compareRenderings(own, again, other).differences.join('\n');
}

describe('compareRenderings', () => {
  it('compareRenderings finds no difference between equal renderings', () => {
    const text = service + secret('x');
    const comparison = compareRenderings(text, text, text);
    expect(comparison).toMatchObject({ differences: [], excluded: [] });
    expect(comparison.compared).toBeGreaterThan(6);
  });

  it('compareRenderings excludes only lines that differ between two renderings of the same chart', () => {
    const comparison = compareRenderings(secret('x', 'a: 1'), secret('y', 'a: 1'), secret('z', 'a: 1'));
    expect(comparison).toMatchObject({ differences: [], excluded: ['password: x'] });
    expect(differences(secret('x', 'a: 1'), secret('y', 'a: 1'), secret('z', 'a: 2'))).toMatch(
      /b\.yaml \(1\), line 5:\n- a: 1\n\+ a: 2/,
    );
    expect(differences(secret('x'), secret('x'), secret('z'))).toContain('password: z');
  });

  it('compareRenderings reports an added line and a missing line', () => {
    expect(differences(secret('x', 'a: 1'), secret('y', 'a: 1'), secret('z'))).toContain('- a: 1');
    expect(differences(secret('x'), secret('y'), secret('z', 'a: 1'))).toContain('+ a: 1');
  });

  it('compareRenderings reports documents that are missing, new, or in another order', () => {
    const both = service + secret('x');
    expect(differences(both, both, service)).toContain('the documents are');
    expect(differences(service, service, both)).toContain('the documents are');
    expect(differences(both, both, secret('x') + service)).toContain('the documents are');
    expect(differences(service, service, '')).toContain('the documents are');
  });

  it('compareRenderings excludes a document whose length differs between renderings of the same chart', () => {
    const comparison = compareRenderings(secret('x'), secret('y', 'and more'), secret('z', 'and', 'more'));
    expect(comparison.differences).toEqual([]);
    expect(comparison.excluded).toContain('kind: Secret');
  });

  it('compareRenderings distinguishes the documents of one template', () => {
    const two = service + service.replace('80', '81');
    expect(differences(two, two, service + service.replace('80', '82'))).toContain('a.yaml (2), line 4');
  });
});
