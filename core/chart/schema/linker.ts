import type { Budget } from './budget.ts';
import type { Dialect } from './drafts.ts';
import type { SchemaNode } from './node.ts';

/** Gives the compilers of keywords the nodes of a schema's subschemas and references. */
export interface Linker {
  budget: Budget;
  dialect: Dialect;
  assertsFormats: boolean;
  /** Returns the node of the subschema under a keyword, or under a token in it. */
  below(key: string, token?: string | number): SchemaNode;
  /** Returns the node that a reference means. */
  refer(reference: string): SchemaNode;
}
