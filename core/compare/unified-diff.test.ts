import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDiff } from './apply-diff.fixture.ts';
import { writeUnifiedDiff } from './unified-diff.ts';

const ample = () => ({ bytes: 10_000_000, steps: 100_000_000 });
const diff = (from: string | undefined, to: string | undefined, path = 'a.yaml', budget = ample()) =>
  writeUnifiedDiff(path, { from, to }, budget);
const numbered = (count: number, change: (line: number) => string = String) =>
  Array.from({ length: count }, (_, line) => `${change(line + 1)}\n`).join('');

/** Texts of few different lines, so that many lines are equal. */
const text = fc
  .tuple(
    fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd\r\n'), { maxLength: 60 }),
    fc.constantFrom('', 'end'),
  )
  .map(([lines, end]) => lines.join('') + end);

describe('a unified diff', () => {
  it('makes the new text of the old one, for all texts', () => {
    fc.assert(
      fc.property(text, text, (from, to) => {
        const made = diff(from, to);
        expect(made.truncated).toBe(false);
        expect(applyDiff(from, made.diff)).toBe(to);
      }),
    );
  });

  it('a unified diff has the fewest changed lines, for small texts', () => {
    fc.assert(
      fc.property(text, text, (from, to) => {
        const changed = diff(from, to).diff.match(/^(?:\+(?!\+\+ )|-(?!-- ))/gm)?.length ?? 0;
        expect(changed).toBe(fewestChanges(from, to));
      }),
    );
  });

  it('a unified diff has three lines around a change, and one hunk for changes near each other', () => {
    const changed = numbered(30, (line) => ([5, 12, 25].includes(line) ? `new ${line}` : String(line)));
    expect(diff(numbered(30), changed).diff).toBe(
      `diff --git a/a.yaml b/a.yaml
--- a/a.yaml
+++ b/a.yaml
@@ -2,14 +2,14 @@
 2
 3
 4
-5
+new 5
 6
 7
 8
 9
 10
 11
-12
+new 12
 13
 14
 15
@@ -22,7 +22,7 @@
 22
 23
 24
-25
+new 25
 26
 27
 28
`,
    );
  });

  it.each([
    ['a new file', undefined, 'a\n', 'new file mode 100644\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n'],
    [
      'a file that is gone',
      'a\nb\n',
      undefined,
      'deleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n',
    ],
    ['a new empty file', undefined, '', 'new file mode 100644\n'],
    [
      'a last line without its end',
      'a',
      'a\n',
      '--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n',
    ],
  ])('says that there is %s', (_, from, to, rest) => {
    expect(diff(from, to, 'f').diff).toBe(`diff --git a/f b/f\n${rest}`);
  });

  it('quotes names as git does', () => {
    expect(diff('a\n', 'b\n', 'x "1"\\\n\u0001').diff).toContain('--- "a/x \\"1\\"\\\\\\n\\001"\n');
    expect(diff('a\n', 'b\n', 'x y').diff).toContain('--- a/x y\t\n+++ b/x y\t\n');
    expect(diff('a\n', 'b\n', 'x ').diff).toContain('--- "a/x "\n+++ "b/x "\n');
  });
});

describe('the bounds of a diff', () => {
  it('end it at a line, with a head that counts the lines that are there', () => {
    const to = numbered(1_000);
    const budget = { ...ample(), bytes: 300 };
    const made = diff('', to, 'a.yaml', budget);
    expect(made.truncated).toBe(true);
    expect(Buffer.byteLength(made.diff)).toBeLessThanOrEqual(300);
    expect(budget.bytes).toBeGreaterThanOrEqual(0);
    const kept = applyDiff('', made.diff);
    expect(kept.length).toBeGreaterThan(0);
    expect(to.startsWith(kept)).toBe(true);
  });

  it('leave out a line that is longer than all that may be shown', () => {
    const made = diff(`${'a'.repeat(1_000_000)}\n`, 'b\n', 'a', { ...ample(), bytes: 1_000 });
    expect(made).toEqual({ diff: 'diff --git a/a b/a\n', truncated: true });
  });

  it.each([
    ['lines that are all different', (line: number) => `from ${line}`, (line: number) => `to ${line}`],
    ['lines in reverse', (line: number) => `${line}`, (line: number) => `${100_000 - line}`],
    ['two lines in no order', (line: number) => noise(line, 1), (line: number) => noise(line, 2)],
  ])('hold for 100,000 %s, and the diff is right', (_, before, after) => {
    const [from, to] = [numbered(100_000, before), numbered(100_000, after)];
    const budget = { bytes: 100_000_000, steps: 30_000_000 };
    const made = diff(from, to, 'a', budget);
    // A search counts its steps when it ends, so it may exceed the bound by what one takes.
    expect(budget.steps).toBeGreaterThan(-3_000_000);
    expect(applyDiff(from, made.diff)).toBe(to);
  });

  it('leave out the hunks of more lines than there are steps for', () => {
    const made = diff('\n'.repeat(1_000), '\n'.repeat(999), 'a', { ...ample(), steps: 1_000 });
    expect(made).toEqual({ diff: 'diff --git a/a b/a\n', truncated: true });
  });
});

/** Makes a line that is `0` or `1` by no rule that a search could use. */
function noise(line: number, seed: number): string {
  const mixed = Math.imul(line ^ (seed << 20), 0x9e3779b1);
  return String((Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 13) & 1);
}

/** Counts the lines of a shortest edit, by the table of longest common subsequences. */
function fewestChanges(from: string, to: string): number {
  const a = from.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const b = to.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [index, other] of b.entries())
      next.push(line === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    row = next;
  }
  return a.length + b.length - 2 * (row.at(-1) ?? 0);
}
