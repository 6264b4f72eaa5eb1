import { PNG } from 'pngjs';

// For Node it is CommonJS, whose names only its default export tells.
const { default: encoder } = await import('gifenc');
const { applyPalette, GIFEncoder, quantize } = encoder;

/** One moment of an animated picture. */
export interface Frame {
  readonly png: Buffer;
  readonly showMs: number;
}

/** One index stands for "as before". */
const colours = 255;

/** An animated GIF of screenshots of one size; what stays the same between two of them takes no room. */
export function animate(frames: readonly Frame[]): Uint8Array {
  const images = frames.map(({ png }) => PNG.sync.read(png));
  const palette = quantize(Buffer.concat(images.map(({ data }) => data)), colours);
  const gif = GIFEncoder();
  let shown: Uint8Array | null = null;
  for (const [at, { data, width, height }] of images.entries()) {
    const indexed = applyPalette(data, palette);
    const before: Uint8Array | null = shown;
    gif.writeFrame(
      before === null ? indexed : indexed.map((index, pixel) => (index === before[pixel] ? colours : index)),
      width,
      height,
      {
        ...(before === null ? { palette: [...palette, ...unused(palette.length)] } : {}),
        transparent: before !== null,
        transparentIndex: colours,
        delay: frames[at]?.showMs ?? 0,
        dispose: 1,
      },
    );
    shown = indexed;
  }
  gif.finish();
  return gif.bytes();
}

/** The palette is as long as its indices reach. */
function unused(used: number): readonly (readonly number[])[] {
  return Array.from({ length: colours + 1 - used }, () => [0, 0, 0]);
}
