import type { ScalarStyle } from './tokens.ts';

/** Properties before a node. */
interface NodeProperties {
  /** Name of the anchor; empty without one. */
  anchor: string;
  /** Resolved tag such as `tag:yaml.org,2002:int`, or `!` alone; empty without one. */
  tag: string;
  /** Offset of the first property, or of the node without properties. */
  start: number;
}

/** Scalar of a document. */
export interface ScalarEvent extends NodeProperties {
  type: 'scalar';
  style: ScalarStyle;
  value: string;
  /** Whether the type follows from the spelling: the scalar is plain and untagged, or has the tag `!`. */
  implicit: boolean;
  /** Offset of the scalar, its quotes included. */
  from: number;
  /** Offset behind the scalar; equals `from` for an empty one. */
  to: number;
}

/** Begin of a list or map. */
export interface CollectionEvent extends NodeProperties {
  type: 'list' | 'map';
  /** Whether it is written in brackets or braces. */
  flow: boolean;
  /** Offset of its bracket, or of its first key or dash. */
  from: number;
}

/** Alias of an anchor. */
export interface AliasEvent {
  type: 'alias';
  name: string;
  from: number;
  to: number;
}

/** End of a list or map. For one in brackets, `to` is behind the closing bracket. */
export interface EndEvent {
  type: 'end';
  from: number;
  to: number;
}

/** Event of a document. */
export type YamlEvent = ScalarEvent | CollectionEvent | AliasEvent | EndEvent;

/** First document of a text. The text behind it is not scanned, as in Helm. */
export interface EventDocument {
  events: YamlEvent[];
  /** Whether the document has directives, such as `%YAML 1.1`. */
  hasDirectives: boolean;
  /** Offset behind the document's `---`, or of its first token without one. */
  start: number;
  /** Offset of the `---` or `...` that ends the document, or of the end of the text. */
  end: number;
}
