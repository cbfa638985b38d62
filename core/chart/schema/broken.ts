/** Schema that Helm refuses, whatever the values. */
export class SchemaBroken extends Error {
  override name = 'SchemaBroken';
}
