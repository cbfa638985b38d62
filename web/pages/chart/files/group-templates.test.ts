import type { ChartFile, FileKind } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { groupTemplates } from './group-templates.ts';

const file = (path: string, kind: FileKind = 'template'): ChartFile => ({
  path,
  size: 1,
  kind,
  binary: false,
});

it('templates stand by their use, those of charts inside by their chart', () => {
  const files = [
    file('templates/_helpers.tpl'),
    file('templates/NOTES.txt'),
    file('templates/web.yaml'),
    file('templates/tests/check.yaml'),
    file('crds/thing.yaml', 'crd'),
    file('charts/db/templates/db.yaml'),
    file('charts/db/charts/common/templates/_x.tpl'),
    file('values.yaml', 'values'),
  ];
  expect(groupTemplates(files).map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([
    ['Templates', ['templates/web.yaml']],
    ['CRDs', ['crds/thing.yaml']],
    ['Notes', ['templates/NOTES.txt']],
    ['Partials', ['templates/_helpers.tpl']],
    ['Tests', ['templates/tests/check.yaml']],
    ['charts/db', ['charts/db/templates/db.yaml']],
    ['charts/db/charts/common', ['charts/db/charts/common/templates/_x.tpl']],
  ]);
});
