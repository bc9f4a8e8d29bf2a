import { exported, output } from './data-flow.js';
import {
  needed,
  object,
  type Binding,
  type Lazy,
  type Member,
  type ObjectShape,
  type Shape,
} from './shape.js';
import {
  address,
  anyData,
  anyTemplate,
  condition,
  either,
  expression,
  list,
  map,
  oneOf,
  template,
  variable,
} from './texts.js';

const attributes: Readonly<Record<string, Member>> = {
  id: { doc: 'Identifies the event; made up when absent.', shape: template },
  source: {
    doc: 'Where the event comes from, a URI; the workflow itself when absent.',
    shape: address,
    example: 'https://shop.example.com/orders',
  },
  type: {
    doc: 'What kind of event it is.',
    shape: template,
    example: 'com.example.order.placed.v1',
  },
  time: {
    doc: 'When it happened, as RFC 3339; now when absent.',
    shape: { ...template, title: 'time' },
    example: '2026-01-31T09:00:00Z',
  },
  subject: { doc: 'What the event is about.', shape: template, example: '${ .orderId }' },
  datacontenttype: { doc: 'Media type of the data.', shape: template, example: 'application/json' },
  dataschema: { doc: 'Address of the schema that the data fits.', shape: address },
  data: { doc: 'What the event tells.', shape: anyTemplate, example: "{ orderId: '${ .id }' }" },
};

/** The attributes of an event that is sent. */
export const eventAttributes = object(
  'event',
  'Attributes of a CloudEvent; further ones are extension attributes.',
  { ...attributes, type: needed(attributes['type'] as Member) },
  { open: anyTemplate },
);

export const filterAttributes = object(
  'event attributes',
  'An event passes when each of these attributes is equal to the value, or when the expression holds.',
  attributes,
  { open: anyTemplate, notEmpty: true },
);

const correlation = object(
  'correlation',
  'A value by which events belong together.',
  {
    from: needed({
      doc: 'Takes the value from the event.',
      shape: expression,
      example: '.data.orderId',
    }),
    expect: {
      doc: 'What the value must be; otherwise the value of the first event decides.',
      shape: template,
      example: '${ .orderId }',
    },
  },
  { open: anyData },
);

const eventFilter = object('event filter', 'Which events are meant.', {
  with: needed({
    doc: 'Attributes that the event must have.',
    shape: filterAttributes,
    example: '{ type: com.example.order.placed.v1 }',
  }),
  correlate: {
    doc: 'Values, by name, by which several events belong together.',
    shape: map('correlations', correlation),
    example: '{ order: { from: .data.orderId } }',
  },
});

const filters = list('list of event filters', eventFilter);
const all: Member = { doc: 'One event for each of these filters.', shape: filters };
const any: Member = {
  doc: 'An event that passes any of these filters; an empty list means every event.',
  shape: filters,
};
const one: Member = {
  doc: 'The first event that passes the filter.',
  shape: eventFilter,
  example: '{ with: { type: com.example.order.placed.v1 } }',
};
const choices = [{ of: ['one', 'any', 'all'] }];

const untilConsumed = object(
  'consumption',
  'Events that end the listening.',
  { one, any, all },
  { choices },
);

/** Which events are waited for. */
export const consumption = object(
  'consumption',
  'Which events are waited for: one, any or all of several.',
  {
    one,
    any,
    until: {
      doc: 'With any: goes on listening until the condition holds, or until other events have come.',
      shape: either('condition or consumption', condition, untilConsumed),
      needs: 'any',
      example: '(. | length) == 3',
    },
    all,
  },
  { choices },
);

/** What is handed on of an event. */
export const read: Member = {
  doc: 'What is handed on of an event: its data, the whole event, or the bytes as they came.',
  shape: oneOf('form', ['data', 'envelope', 'raw']),
  default: 'data',
};

const seenBy = ['do', 'output', 'export'];
const itemBindings: readonly Binding[] = [
  { from: ['item'], usual: 'item', doc: 'The event or message.', seenBy },
  { from: ['at'], usual: 'index', doc: 'Its number, from 0.', seenBy },
];

/** Tasks for each event or message. */
export function foreachOf(tasks: Lazy<Shape>): ObjectShape {
  return object(
    'foreach',
    'What is done with each event or message, one after the other.',
    {
      item: {
        doc: 'Name of the variable that holds the event or message.',
        shape: variable,
        default: 'item',
      },
      at: {
        doc: 'Name of the variable that holds its number, from 0.',
        shape: variable,
        default: 'index',
      },
      do: { doc: 'The tasks for each.', shape: tasks },
      output: { doc: 'What becomes part of the result.', shape: output, at: 'taskOutput' },
      export: { doc: 'What is left in $context.', shape: exported, at: 'taskExport' },
    },
    { binds: itemBindings },
  );
}
