import {
  object,
  type AnyShape,
  type BooleanShape,
  type Declared,
  type EitherShape,
  type IntegerShape,
  type Lazy,
  type ListShape,
  type MapShape,
  type Shape,
  type TextShape,
} from './shape.js';

export const boolean: BooleanShape = { kind: 'boolean' };
export const words: TextShape = { kind: 'text', title: 'text', holds: 'words' };
export const template: TextShape = { kind: 'text', title: 'text', holds: 'template' };
export const expression: TextShape = { kind: 'text', title: 'expression', holds: 'expression' };
export const condition: TextShape = { kind: 'text', title: 'condition', holds: 'condition' };
export const computed: TextShape = { kind: 'text', title: 'expression in ${ }', holds: 'computed' };
export const target: TextShape = { kind: 'text', title: 'next task', holds: 'target' };
export const variable: TextShape = { kind: 'text', title: 'variable name', holds: 'variable' };

/** A text that must be known before the workflow runs. */
export const fixedName: TextShape = { ...words, title: 'name', fixed: true, notEmpty: true };
/** The name of something that workers ask for by it. */
export const workName: TextShape = {
  ...fixedName,
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
  wants: 'at most 100 letters, digits, ".", "_" and "-", the first a letter or a digit',
};
/** A text that must not be empty. */
export const filledTemplate: TextShape = { ...template, notEmpty: true };

export const anyTemplate: AnyShape = { kind: 'any', title: 'value', holds: 'template' };
export const anyData: AnyShape = { kind: 'any', title: 'value', holds: 'data' };
export const jsonSchema: AnyShape = {
  kind: 'any',
  title: 'JSON Schema',
  holds: 'schema',
  doc: 'A JSON Schema, written out as YAML or JSON.',
};

/** One of several words. */
export function oneOf(title: string, values: readonly string[]): TextShape {
  return { kind: 'text', title, holds: 'words', values };
}

export function reference(to: Declared, title: string): TextShape {
  return { kind: 'text', title, holds: 'reference', to };
}

export function integer(title: string, min?: number, max?: number): IntegerShape {
  return {
    kind: 'integer',
    title,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

export function either(title: string, ...options: readonly Lazy<Shape>[]): EitherShape {
  return { kind: 'either', title, options };
}

export function list(title: string, items: Lazy<Shape>, doc = ''): ListShape {
  return { kind: 'list', title, doc, items };
}

export function map(title: string, values: Lazy<Shape>, doc = ''): MapShape {
  return { kind: 'map', title, doc, values };
}

/** An object with free names whose values may hold expressions. */
export const anyObject: MapShape = map('object', anyTemplate);
/** An object that nothing is evaluated in. */
export const dataObject: MapShape = map('object', anyData);
/** Texts by name. */
export const textsByName: MapShape = map('object of texts', template);
export const textList: ListShape = list('list of texts', template);

/** An address that may hold `{name}` places, or an expression that yields one. */
export const address: TextShape = { kind: 'text', title: 'address', holds: 'address' };

const durationText: TextShape = {
  kind: 'text',
  title: 'duration such as PT5M or { minutes: 5 }',
  holds: 'duration',
};
const whole = integer('whole number');
export const durationObject = object(
  'duration',
  'A length of time as a sum of units.',
  {
    days: { doc: 'Days of 24 hours.', shape: whole, example: '1' },
    hours: { doc: 'Hours.', shape: whole, example: '2' },
    minutes: { doc: 'Minutes.', shape: whole, example: '30' },
    seconds: { doc: 'Seconds.', shape: whole, example: '10' },
    milliseconds: { doc: 'Thousandths of a second.', shape: whole, example: '500' },
  },
  { notEmpty: true },
);

/** A duration, possibly computed. */
export const duration: EitherShape = either(durationText.title, durationText, durationObject);
/** A duration that must be known before the workflow runs. */
export const fixedDuration: EitherShape = either(
  durationText.title,
  { ...durationText, fixed: true },
  durationObject,
);
