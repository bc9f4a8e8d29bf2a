import { schema } from './resources.js';
import { object, type Member, type ObjectShape } from './shape.js';
import { anyObject, either, expression } from './texts.js';

/** An expression, or an object with expressions in it. */
const mapping = either('expression or object', expression, anyObject);

const schemaMember: Member = {
  doc: 'The data must fit this schema; otherwise there is a validation error.',
  shape: schema,
  example: '{ document: { type: object } }',
};

export const input: ObjectShape = object('input', 'What goes in: checked, then changed.', {
  schema: {
    ...schemaMember,
    doc: 'What comes in must fit this schema, or there is a validation error.',
  },
  from: {
    doc: 'Makes the input out of what comes in. The only place that sees $secrets.',
    shape: mapping,
    example: '.order',
  },
});

export const output: ObjectShape = object('output', 'What comes out: changed, then checked.', {
  schema: {
    ...schemaMember,
    doc: 'What goes out must fit this schema, or there is a validation error.',
  },
  as: {
    doc: 'Makes the output out of the result.',
    shape: mapping,
    example: '.items | length',
  },
});

export const exported: ObjectShape = object('export', 'What the task leaves in $context.', {
  schema: { ...schemaMember, doc: 'The new $context must fit this schema.' },
  as: {
    doc: 'The new $context; it replaces the one before.',
    shape: mapping,
    example: '$context + { orderId: .id }',
  },
});
