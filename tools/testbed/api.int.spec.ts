import { afterAll, beforeAll, describe } from '@jest/globals';
import { keepsWhatItIsGiven } from './test/lossless.ts';
import { saysWhatIsWrong } from './test/problems.ts';
import { tellsNobodyElse } from './test/trust.ts';
import { openScene, type Scene } from './scene.ts';

let scene: Scene;
const opened = () => scene;

beforeAll(async () => {
  scene = await openScene();
}, 240_000);

afterAll(async () => {
  await scene.platform.stop();
}, 60_000);

// One platform for all; whoever may see what was done looks last, at everything.
describe('JSON', () => keepsWhatItIsGiven(opened));
describe('a wrong call', () => saysWhatIsWrong(opened));
describe('whoever may not', () => tellsNobodyElse(opened));
