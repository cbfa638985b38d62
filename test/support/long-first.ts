import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take most of a minute or more, in their order. They are small, and small files would run last, alone. */
const longFiles = [
  'test/faults.test.ts',
  'test/documentation.test.ts',
  'test/follow-graph.test.ts',
  'test/web/real-charts.test.ts',
];

/** Order of test files: the long ones, and then the larger before the smaller, as Vitest has them. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = longFiles.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/${name}`)));
    return [...first, ...sorted.filter((file) => !first.includes(file))];
  }
}
