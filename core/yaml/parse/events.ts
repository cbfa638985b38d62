import type { Style } from './tokens.ts';

/** Properties before a node; both empty where it has none. `tag` is whole: `tag:yaml.org,2002:int`, or `!` alone. */
interface Properties {
  anchor: string;
  tag: string;
  /** Offset of the first property, or of the node where it has none. */
  start: number;
}

export interface ScalarEvent extends Properties {
  type: 'scalar';
  style: Style;
  value: string;
  /** Whether the spelling tells its type: plain and without a tag, or with the tag `!`. */
  implicit: boolean;
  /** Offsets of the text with its quotes; equal where there is none. */
  from: number;
  to: number;
}

export interface CollectionEvent extends Properties {
  type: 'list' | 'map';
  /** In brackets or braces. */
  flow: boolean;
  /** Offset of its bracket, or of its first key or dash. */
  from: number;
}

export interface AliasEvent {
  type: 'alias';
  name: string;
  from: number;
  to: number;
}

/** End of a collection; of one in brackets, `to` is behind the closing one. */
export interface EndEvent {
  type: 'end';
  from: number;
  to: number;
}

export type YamlEvent = ScalarEvent | CollectionEvent | AliasEvent | EndEvent;

/** First document of a text; what stands behind it is not read, as Helm does not read it. */
export interface YamlDocument {
  events: YamlEvent[];
  /** Whether it has directives, such as `%YAML 1.1`. */
  directed: boolean;
  /** Offset of the first node's line at the earliest: behind `---`, where there is one. */
  start: number;
  /** Offset of the `---`, the `...` or the end of the text that ends it. */
  end: number;
}
