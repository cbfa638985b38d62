import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take most of a minute or more, in their order. They are small, and small files would run last, alone. */
const longFiles = [
  'test/documentation.test.ts',
  'test/faults.test.ts',
  'test/follow-graph.test.ts',
  'test/helm/public-charts.test.ts',
  'test/web/real-charts.test.ts',
  'test/openapi/clients.test.ts',
  'test/compose-over-crash.test.ts',
];

/** Projects in their order. A process is kept for the next file only if that is of its project, too. */
const projects = ['embedded-alone', 'compose', 'embedded'];

/** Order of test files: the long ones, and then by project. Vitest has the larger before the smaller. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = longFiles.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/${name}`)));
    const others = sorted.filter((file) => !first.includes(file));
    return [
      ...first,
      ...others.sort((a, b) => projects.indexOf(a.project.name) - projects.indexOf(b.project.name)),
    ];
  }
}
