import { expect, it } from 'vitest';
import { boxSize, type GraphNode, layOutGraph } from './lay-out-graph.ts';

const node = (text: string, children: readonly GraphNode[] = []): GraphNode => ({
  text,
  isOutdated: false,
  children,
});

it('sources stand at the left by their level, and what was made at the right', () => {
  const { boxes, edges, width } = layOutGraph('shop', [node('web', [node('common')]), node('db')], ['mall']);
  const x = Object.fromEntries(boxes.map((box) => [box.text, box.x]));
  expect(edges.map(({ from, to }) => [from.text, to.text])).toEqual([
    ['web', 'shop'],
    ['db', 'shop'],
    ['common', 'web'],
    ['shop', 'mall'],
  ]);
  expect(x.common).toBeLessThan(x.web ?? 0);
  expect(x.web).toBe(x.db);
  expect(x.web).toBeLessThan(x.shop ?? 0);
  expect(x.shop).toBeLessThan(x.mall ?? 0);
  expect(width).toBe((x.mall ?? 0) + boxSize.width);
});

it('no two boxes share a place, and a large graph is bounded', () => {
  const wide = Array.from({ length: 200 }, (_, index) => node(`s${index}`, [node(`t${index}`, [node('u')])]));
  const graph = layOutGraph(
    'own',
    wide,
    Array.from({ length: 100 }, (_, index) => `m${index}`),
  );
  expect(new Set(graph.boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(graph.boxes.length);
  expect(graph.boxes.length).toBeLessThan(100);
  expect(Math.max(...graph.boxes.map(({ y }) => y)) + boxSize.height).toBeLessThanOrEqual(graph.height);
  expect(Math.min(...graph.boxes.map(({ y }) => y))).toBeGreaterThanOrEqual(0);
});
