/** Describes bytes of a media type, so that generated clients neither parse nor decode them. */
export function bytesContent(...types: string[]) {
  return contentOf(types, { type: 'string' as const, format: 'binary' });
}

/** Describes text of a media type. */
export function textContent(...types: string[]) {
  return contentOf(types, { type: 'string' as const });
}

/** Describes server-sent events as the text that they are. @param data name of the schema that their data has */
export function eventsContent(data: string, example: string) {
  const description = `Lines of \`event\`, \`id\` and \`data\`; the data is JSON by the schema \`${data}\`.`;
  return {
    'text/event-stream': {
      schema: { type: 'string' as const, format: 'event-stream', description },
      example,
    },
  };
}

function contentOf<Schema>(types: string[], schema: Schema): Record<string, { schema: Schema }> {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
