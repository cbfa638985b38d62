import type { Json } from '../../yaml/json.ts';
import type { Format } from './formats.ts';
import type { Pattern } from './pattern.ts';

/** Schema that was compiled: its keywords by what they ask of a value. */
export interface SchemaNode {
  /** JSON pointer as a fragment, with the URL before it when it is of another document. */
  location: string;
  version: number;
  /** Verdict on every value, of `true`, `false` and `{}`. */
  fixed: boolean | undefined;
  /** Schema elsewhere, which is not known. */
  isElsewhere: boolean;
  /** Schema with the identifier that this one belongs to. */
  resource: Pick<SchemaNode, 'recursiveAnchor' | 'dynamicAnchors'>;
  dynamicAnchors: Map<string, SchemaNode> | undefined;
  recursiveAnchor: boolean;
  dynamicAnchor: string;
  ref: SchemaNode | undefined;
  recursiveRef: SchemaNode | undefined;
  dynamicRef: { node: SchemaNode; anchor: string } | undefined;
  types: readonly string[] | undefined;
  allowed: Allowed | undefined;
  constant: Allowed | undefined;
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

/** Values of `enum` and `const`. */
export interface Allowed {
  scalars: ReadonlySet<Json>;
  /** Numbers that allowed texts are: Go takes the number 1 for equal to the text "1". */
  numbers: ReadonlySet<number>;
  /** Lists and maps, as texts that are the same for equal values. */
  others: ReadonlySet<string>;
  /** Characters of the longest of the others. */
  longest: number;
  /** Start of the list for a message. */
  label: string;
}

export interface ObjectKeywords {
  minProperties: number | undefined;
  maxProperties: number | undefined;
  required: readonly string[];
  properties: ReadonlyMap<string, SchemaNode>;
  /** Names of the properties, where other keys of a value do not matter. */
  names: readonly string[] | undefined;
  patternProperties: readonly { pattern: Pattern; node: SchemaNode }[];
  additionalProperties: boolean | SchemaNode | undefined;
  propertyNames: SchemaNode | undefined;
  dependentRequired: readonly (readonly [string, readonly string[]])[];
  dependentSchemas: readonly (readonly [string, SchemaNode])[];
}

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

export interface TextKeywords {
  minLength: number | undefined;
  maxLength: number | undefined;
  pattern: Pattern | undefined;
}

export interface NumberKeywords {
  minimum: number | undefined;
  maximum: number | undefined;
  exclusiveMinimum: number | undefined;
  exclusiveMaximum: number | undefined;
  multipleOf: number | undefined;
}

export function createNode(location: string): SchemaNode {
  const node: Omit<SchemaNode, 'resource'> = {
    location,
    version: 2020,
    fixed: undefined,
    isElsewhere: false,
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
