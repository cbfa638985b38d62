/**
 * SQL of a recipe as it was sent, without its callback. The keys are in their first order. Those that releases before
 * have stored are in jsonb's order.
 * @param table name of a table that has recipes, or its alias: `jobs` or `lineage`
 */
export function recipeTextSql(table: string): string {
  return `coalesce(${table}.recipe_text, ${table}.recipe::text)`;
}
