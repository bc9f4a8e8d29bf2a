import { expect, it } from '@jest/globals';
import { newHindrances, type Hindrance } from './hindrances.js';

const hindrance = (what: string, line: number): Hindrance => ({ what, line, pointer: '' });

it('tells what is new from what only moved', () => {
  const before = [hindrance('listen', 3), hindrance('run: shell', 5)];
  const now = [hindrance('listen', 9), hindrance('listen', 12), hindrance('call: grpc', 1)];
  expect(newHindrances(now, before)).toEqual([hindrance('listen', 12), hindrance('call: grpc', 1)]);
});
