import { isImageName } from '@parley/ir';
import { memberOf, textOf, type MapNode } from '../source/tree.js';
import type { Check } from './context.js';

/** An image is named as registries do, unless it is computed. */
export function checkImage(check: Check, node: MapNode): void {
  const image = memberOf(node, 'image');
  const text = textOf(image);
  if (image === undefined || text === undefined || text.includes('${') || isImageName(text)) return;
  check.reporter.report('PL1013', image, {
    message: `"image" cannot be ${JSON.stringify(text)}`,
    expected: 'the name of an image, such as alpine:3 or registry.example.com/tools/convert:1.2',
    actual: text,
  });
}
