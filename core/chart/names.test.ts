import { describe, expect, it } from 'vitest';
import { isChartName, isSpaceName } from './names.ts';

describe('names', () => {
  it('names have letters, digits, _ and -, and begin with a letter or digit', () => {
    for (const name of ['a', 'A9', '0', 'a-b_c', 'a'.repeat(250)]) {
      expect(isSpaceName(name), name).toBe(true);
      expect(isChartName(name), name).toBe(true);
    }
    for (const name of ['', '_a', '-a', '.a', '.', '..', 'a/b', 'a b', 'ä', 'a\n', 'a\0', 'a'.repeat(251)]) {
      expect(isSpaceName(name), name).toBe(false);
      expect(isChartName(name), name).toBe(false);
    }
  });

  it('only names of charts may have a dot', () => {
    expect(isChartName('kube.state')).toBe(true);
    expect(isSpaceName('kube.state')).toBe(false);
  });
});
