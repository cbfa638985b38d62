import type { Panel } from '../../core/metrics/subject.ts';
import { subjects } from '../../core/metrics/subjects.ts';

/** Columns of Grafana's grid, panels in a row, and rows of the grid that a panel takes. */
const [columns, panelsInRow, height] = [24, 3, 8];

/** Data source that the dashboard asks for when it is imported. */
const datasource = { type: 'prometheus', uid: '$datasource' };

/** Grafana's names of units that differ from those of panels. */
const units: Partial<Record<Panel['unit'], string>> = { cores: 'short' };

/** Writes the dashboard, as Grafana imports it: a row for each subject, with its panels. */
export function writeDashboard(): string {
  let id = 0;
  let y = 0;
  const panels = subjects.flatMap(({ title, panels }) => {
    const row = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: columns, h: 1 },
    };
    y += 1;
    const drawn = panels.map((panel, index) => drawPanel(panel, ++id, index, y));
    y += Math.ceil(panels.length / panelsInRow) * height;
    return [row, ...drawn];
  });
  const dashboard = {
    uid: 'helm-registry',
    title: 'Helm registry',
    tags: ['helm-registry'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }],
    },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function drawPanel({ title, unit, queries }: Panel, id: number, index: number, top: number) {
  const width = columns / panelsInRow;
  return {
    id,
    type: 'timeseries',
    title,
    datasource,
    gridPos: {
      x: (index % panelsInRow) * width,
      y: top + Math.floor(index / panelsInRow) * height,
      w: width,
      h: height,
    },
    fieldConfig: { defaults: { unit: units[unit] ?? unit, min: 0 }, overrides: [] },
    options: {
      legend: { displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: queries.map(({ expr, legend }, place) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + place),
      datasource,
      expr,
      legendFormat: legend,
    })),
  };
}
