import type { ChartFile } from '@helm-registry/client';

/** Templates with the same purpose, such as notes or tests, under one heading. */
export interface TemplateGroup {
  name: string;
  files: ChartFile[];
}

/** Uses of templates, in the order in which they are shown. */
const templateGroupNames = ['Templates', 'CRDs', 'Notes', 'Partials', 'Tests'] as const;

/** Groups templates and CRDs by their use. First are those of the chart, then those of each chart inside. */
export function groupTemplates(files: readonly ChartFile[]): TemplateGroup[] {
  const own = new Map<string, ChartFile[]>();
  const inside = new Map<string, ChartFile[]>();
  for (const file of files) {
    if (file.kind !== 'template' && file.kind !== 'crd') continue;
    const folder = /^((?:charts\/[^/]+\/)+)(?:templates|crds)\//.exec(file.path)?.[1];
    const [groups, name] = folder ? [inside, folder.slice(0, -1)] : [own, groupOfTemplate(file)];
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  const named = templateGroupNames.flatMap((name) => toGroup(name, own.get(name)));
  return [...named, ...[...inside].flatMap(([name, found]) => toGroup(name, found))];
}

function toGroup(name: string, files: ChartFile[] | undefined): TemplateGroup[] {
  return files ? [{ name, files }] : [];
}

function groupOfTemplate({ path, kind }: ChartFile): (typeof templateGroupNames)[number] {
  if (kind === 'crd') return 'CRDs';
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'NOTES.txt') return 'Notes';
  if (name.startsWith('_')) return 'Partials';
  return path.startsWith('templates/tests/') ? 'Tests' : 'Templates';
}
