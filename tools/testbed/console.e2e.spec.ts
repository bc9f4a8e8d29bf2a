import { afterAll, beforeAll, describe } from '@jest/globals';
import { browserPath } from './browser.ts';
import { steersRuns } from './console/control.ts';
import { editsText } from './console/editor.ts';
import { openConsole, type ConsoleScene } from './console/scene.ts';
import { showsSchedules } from './console/schedules.ts';
import { showsTaskQueues } from './console/task-queues.ts';

const describeWithBrowser = browserPath() === undefined ? describe.skip : describe;

let scene: ConsoleScene;
const opened = () => scene;

// One platform and one window for all: each part makes what it needs and looks at nothing else.
describeWithBrowser('the console in a browser', () => {
  beforeAll(async () => {
    scene = await openConsole();
  }, 240_000);

  afterAll(async () => {
    await scene.close();
  }, 60_000);

  describe('the editor', () => editsText(opened));
  describe('schedules', () => showsSchedules(opened));
  describe('steering runs', () => steersRuns(opened));
  describe('task queues', () => showsTaskQueues(opened));
});
