import { buildImage } from './image.ts';

// Builds the image of the Dockerfile into the folder given, where the runs of tests with TEST_IMAGE find it.

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder to build into');
await buildImage(folder);
