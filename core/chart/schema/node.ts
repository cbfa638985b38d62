import type { Json } from '../../yaml/json.ts';
import type { Format } from './formats.ts';
import type { Pattern } from './pattern.ts';

/** A compiled schema: its keywords, grouped by the type of values that they concern. */
export interface SchemaNode {
  /** JSON pointer as a fragment, with the URL before it if it is in another document. */
  location: string;
  version: number;
  /** Result for every value, of the schemas `true`, `false` and `{}`. */
  result: boolean | undefined;
  /** Whether the schema is elsewhere, and so unknown. */
  isExternal: boolean;
  /** The schema with the identifier that this one belongs to. */
  resource: Pick<SchemaNode, 'recursiveAnchor' | 'dynamicAnchors'>;
  dynamicAnchors: Map<string, SchemaNode> | undefined;
  recursiveAnchor: boolean;
  dynamicAnchor: string;
  ref: SchemaNode | undefined;
  recursiveRef: SchemaNode | undefined;
  dynamicRef: { node: SchemaNode; anchor: string } | undefined;
  types: readonly string[] | undefined;
  allowed: AllowedValues | undefined;
  constant: AllowedValues | undefined;
  format: Format | undefined;
  not: SchemaNode | undefined;
  allOf: readonly SchemaNode[] | undefined;
  anyOf: readonly SchemaNode[] | undefined;
  oneOf: readonly SchemaNode[] | undefined;
  /** Keyword `if`, with `then` for values that meet it and `else` for others. */
  condition: { if: SchemaNode; met: SchemaNode | undefined; unmet: SchemaNode | undefined } | undefined;
  object: ObjectKeywords | undefined;
  array: ArrayKeywords | undefined;
  text: TextKeywords | undefined;
  number: NumberKeywords | undefined;
  unevaluatedProperties: SchemaNode | undefined;
  unevaluatedItems: SchemaNode | undefined;
}

/** Values of `enum` or `const`. */
export interface AllowedValues {
  scalars: ReadonlySet<Json>;
  /** Numbers that equal allowed texts: for Go the number 1 equals the text "1". */
  numbers: ReadonlySet<number>;
  /** Lists and maps, as texts that are the same for equal values. */
  others: ReadonlySet<string>;
  /** Length of the longest of `others`, in characters. */
  maxTextLength: number;
  /** Start of the list, for messages. */
  label: string;
}

/** Keywords about maps. */
export interface ObjectKeywords {
  minProperties: number | undefined;
  maxProperties: number | undefined;
  required: readonly string[];
  properties: ReadonlyMap<string, SchemaNode>;
  /** Names of the properties, if no keyword concerns other keys. */
  names: readonly string[] | undefined;
  patternProperties: readonly { pattern: Pattern; node: SchemaNode }[];
  additionalProperties: boolean | SchemaNode | undefined;
  propertyNames: SchemaNode | undefined;
  dependentRequired: readonly (readonly [string, readonly string[]])[];
  dependentSchemas: readonly (readonly [string, SchemaNode])[];
}

/** Keywords about lists. */
export interface ArrayKeywords {
  minItems: number | undefined;
  maxItems: number | undefined;
  uniqueItems: boolean;
  prefix: readonly SchemaNode[];
  rest: boolean | SchemaNode | undefined;
  contains: SchemaNode | undefined;
  minContains: number | undefined;
  maxContains: number | undefined;
}

/** Keywords about texts. */
export interface TextKeywords {
  minLength: number | undefined;
  maxLength: number | undefined;
  pattern: Pattern | undefined;
}

/** Keywords about numbers. */
export interface NumberKeywords {
  minimum: number | undefined;
  maximum: number | undefined;
  exclusiveMinimum: number | undefined;
  exclusiveMaximum: number | undefined;
  multipleOf: number | undefined;
}

/** Creates a node without keywords, which is its own resource. */
export function createNode(location: string): SchemaNode {
  const node: Omit<SchemaNode, 'resource'> = {
    location,
    version: 2020,
    result: undefined,
    isExternal: false,
    dynamicAnchors: undefined,
    recursiveAnchor: false,
    dynamicAnchor: '',
    ref: undefined,
    recursiveRef: undefined,
    dynamicRef: undefined,
    types: undefined,
    allowed: undefined,
    constant: undefined,
    format: undefined,
    not: undefined,
    allOf: undefined,
    anyOf: undefined,
    oneOf: undefined,
    condition: undefined,
    object: undefined,
    array: undefined,
    text: undefined,
    number: undefined,
    unevaluatedProperties: undefined,
    unevaluatedItems: undefined,
  };
  return Object.assign(node, { resource: node });
}
