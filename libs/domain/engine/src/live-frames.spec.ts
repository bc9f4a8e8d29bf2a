import { describe, expect, it } from '@jest/globals';
import { FrameMap, framesFrom } from './live-frames.js';
import type { Frame } from './state.js';
import { Random } from './testing/index.js';

const frame = (occurrence: string, input: string): Frame => ({
  kind: 'call',
  occurrence,
  node: 'do/a',
  attempt: 1,
  startedAt: 0,
  input,
});

describe('live frames', () => {
  it('are what an object would be, after any changes, and so are those that they were made from (LF1)', () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const random = new Random(seed);
      const all: { readonly frames: FrameMap; readonly text: string }[] = [];
      let frames = new FrameMap();
      let model: Record<string, Frame> = {};
      for (let turn = 0; turn < 80; turn += 1) {
        frames = new FrameMap(frames);
        model = { ...model };
        for (let change = random.below(16); change > 0; change -= 1) {
          const name = `do/a[${random.below(120)}]`;
          if (random.chance(turn < 50 ? 0.2 : 0.6)) {
            frames.delete(name);
            model = without(model, name);
          } else {
            const changed = frame(name, 'x'.repeat(random.below(1_200)));
            frames.set(changed);
            model[name] = changed;
          }
        }
        const text = JSON.stringify(model);
        expect(JSON.stringify(frames)).toBe(text);
        expect(frames.size).toBe(Object.keys(model).length);
        expect(Object.entries(model).every(([name, one]) => frames.get(name) === one)).toBe(true);
        // LF2: sometimes what they were made from was not measured.
        if (random.chance(0.8)) expect(frames.bytes()).toBe(framesFrom(model).bytes());
        all.push({ frames, text });
      }
      for (const one of all) expect(JSON.stringify(one.frames)).toBe(one.text);
    }
  });

  it('are measured anew when they go on changing', () => {
    const before = framesFrom({ a: frame('a', 'x') });
    before.bytes();
    const frames = new FrameMap(before);
    const changed = { ...frame('a', 'x'), input: 'xx' };
    frames.set(changed);
    expect(frames.bytes()).toBe(before.bytes() + 1);
    changed.input = 'xxx';
    frames.touch('a');
    expect(frames.bytes()).toBe(before.bytes() + 2);
  });
});

function without(model: Record<string, Frame>, name: string): Record<string, Frame> {
  return Object.fromEntries(Object.entries(model).filter(([key]) => key !== name));
}
