import { boundText } from '../../runtime/bound-text.ts';

/** Characters of a reason that quotes the schema. */
const maxQuoted = 500;

/** Schema that Helm refuses, whatever the values. */
export class SchemaBroken extends Error {
  override name = 'SchemaBroken';

  constructor(reason: string) {
    super(boundText(reason, maxQuoted));
  }
}
