// The only file of this folder that other rooms import: preparing, arranging and assembling archives.

export { arrangeArchive, filesInOrder } from './arrange.ts';
export { assembleArchive } from './assemble.ts';
export { type ArchivePart, type Arrangement, filesOf, type Pieces } from './parts.ts';
export { memoryOfPieces, preparePieces } from './prepare-pieces.ts';
