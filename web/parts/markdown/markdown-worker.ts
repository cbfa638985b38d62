import { renderPiece } from './render-piece.ts';

// Renders one text after the other, away from the page: a text that takes long holds up nothing.
addEventListener('message', ({ data }: MessageEvent<string>) => {
  postMessage(tryRender(data));
});

function tryRender(text: string): string | null {
  try {
    return renderPiece(text);
  } catch {
    return null;
  }
}
