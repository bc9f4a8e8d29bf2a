import { startCounting } from './steps.js';

/** What one kind of text costs in two sizes, of which the second is four times the first. */
export interface Growth {
  readonly name: string;
  readonly small: number;
  readonly large: number;
}

const stepsOf = startCounting();
const { completeAt, validateDefinition } = await import('../../src/index.js');
const { growing } = await import('./texts.js');

const works: Readonly<Record<string, (text: string) => unknown>> = {
  checking: (text) => validateDefinition(text),
  completing: (text) => completeAt(text, text.length),
};

for (const { name, make, size } of growing) {
  for (const [work, run] of Object.entries(works)) {
    const [text, large] = [make(size), make(4 * size)];
    run(text); // what is made once, when it is needed
    const growth: Growth = {
      name: `${work} ${name}`,
      small: stepsOf(() => run(text)),
      large: stepsOf(() => run(large)),
    };
    console.log(JSON.stringify(growth));
  }
}
