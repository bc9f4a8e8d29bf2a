// The same workflows as a service of Restate, which calls this process over HTTP/2.
import * as restate from '@restatedev/restate-sdk';
import { calls, localSteps } from './steps.mjs';

const handlerOf = (steps) => async (context, input) => {
  let data = input;
  for (const [name, work] of steps) data = await context.run(name, () => work(data));
  return data;
};

await restate
  .endpoint()
  .bind(
    restate.service({
      name: 'bench',
      handlers: { W1s: handlerOf(localSteps), W2: handlerOf(calls) },
    }),
  )
  .listen(Number(process.env.PORT));
console.log('ready');
