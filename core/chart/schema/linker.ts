import type { Budget } from './budget.ts';
import type { Dialect } from './drafts.ts';
import type { SchemaNode } from './node.ts';

/** Makes nodes of the schemas that one schema refers to, each once. */
export interface Linker {
  budget: Budget;
  dialect: Dialect;
  assertsFormats: boolean;
  /** Node of the schema that a keyword holds, or holds under a token. */
  below(key: string, token?: string | number): SchemaNode;
  refer(reference: string): SchemaNode;
}
