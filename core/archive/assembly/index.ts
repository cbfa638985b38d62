// The only file of this folder that other rooms import: preparing, arranging and assembling archives.

export { arrangeArchive, filesInArchiveOrder } from './arrange.ts';
export { assembleArchive } from './assemble.ts';
export { type ArchivePart, type Arrangement, type DeflatedPieces, filesOfPart } from './parts.ts';
export { memoryOfPieces, preparePieces } from './prepare-pieces.ts';
