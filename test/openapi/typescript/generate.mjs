// Generates the types of a document. `format: binary` becomes Blob, as the generator leaves to its user.
import { readFile, writeFile } from 'node:fs/promises';
import openapi, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const [, , document = '', target = ''] = process.argv;
const blob = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier('Blob'));
const nodes = await openapi(JSON.parse(await readFile(document, 'utf8')), {
  transform: (schema) => (schema.format === 'binary' ? blob : undefined),
});
await writeFile(target, astToString(nodes));
