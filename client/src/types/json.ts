/** Value of a JSON document. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** Object of a JSON document, as values and Chart.yaml are sent. */
export interface JsonObject {
  [key: string]: Json;
}
