import { boundText } from '../../runtime/bound-text.ts';

/** Largest length of a reason that quotes the schema, in characters. */
const maxQuoted = 500;

/** Error of a schema that Helm refuses, whatever the values. */
export class SchemaBroken extends Error {
  override name = 'SchemaBroken';

  constructor(reason: string) {
    super(boundText(reason, maxQuoted));
  }
}

/** Error of a schema that exceeds the registry's limits of steps or nesting. Helm may accept it. */
export class SchemaExceeded extends Error {
  override name = 'SchemaExceeded';
}
