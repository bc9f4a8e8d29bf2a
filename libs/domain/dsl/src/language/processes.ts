import { externalResource } from './resources.js';
import { needed, object, type Member } from './shape.js';
import { anyObject, boolean, duration, oneOf, template, textList, words } from './texts.js';

const stdin: Member = {
  doc: 'What the process reads as its input.',
  shape: template,
  example: '${ .text }',
};
const arguments_: Member = {
  doc: 'Arguments, in order.',
  shape: textList,
  example: "[--verbose, '${ .name }']",
};
const environment: Member = {
  doc: 'Environment variables by name.',
  shape: anyObject,
  example: '{ LANG: en }',
};

const lifetime = object('container lifetime', 'When the container is removed.', {
  cleanup: needed({
    doc: 'Whether it is removed: always at once, never, or eventually after a time.',
    shape: oneOf('cleanup', ['always', 'never', 'eventually']),
    default: 'never',
  }),
  after: { doc: 'With eventually: how long it stays.', shape: duration, example: 'PT20M' },
});

export const containerShape = object('container', 'A container that is run.', {
  image: needed({ doc: 'The image.', shape: template, example: 'alpine:3' }),
  name: { doc: 'Name of the container.', shape: template },
  command: { doc: 'What is run in it.', shape: template, example: 'echo hello' },
  arguments: arguments_,
  stdin,
  environment,
  ports: {
    doc: 'Ports of the host by ports of the container.',
    shape: anyObject,
    example: "{ '8080': 80 }",
  },
  volumes: { doc: 'Folders of the host by folders of the container.', shape: anyObject },
  pullPolicy: {
    doc: 'When the image is pulled.',
    shape: oneOf('pull policy', ['ifNotPresent', 'always', 'never']),
    default: 'ifNotPresent',
  },
  lifetime: {
    doc: 'When the container is removed.',
    shape: lifetime,
    example: '{ cleanup: always }',
  },
});

const script = object(
  'script',
  'Code that is run in a language.',
  {
    language: needed({
      doc: 'The language: js (ES2024, without access to the host). Python is not available yet.',
      shape: { ...words, usual: ['js', 'python'] },
      example: 'js',
    }),
    code: {
      doc: 'The code itself. Nothing in it is evaluated: give values as arguments.',
      shape: words,
    },
    source: {
      doc: 'Where the code is.',
      shape: externalResource,
      example: '{ endpoint: https://example.com/convert.js }',
    },
    arguments: arguments_,
    stdin,
    environment,
  },
  { choices: [{ of: ['code', 'source'] }] },
);

const shell = object('shell command', 'A command of the shell.', {
  command: needed({ doc: 'The command.', shape: template, example: 'wc -l' }),
  arguments: arguments_,
  stdin,
  environment,
});

const workflow = object('workflow to run', 'Another workflow, run as a part of this one.', {
  namespace: needed({ doc: 'Its namespace.', shape: template, example: 'shop' }),
  name: needed({ doc: 'Its name.', shape: template, example: 'refund' }),
  version: needed({
    doc: 'Its version, or latest.',
    shape: template,
    default: 'latest',
    example: '1.0.0',
  }),
  input: { doc: 'Its input.', shape: anyObject, example: "{ orderId: '${ .id }' }" },
});

/** What a run task runs. */
export const run = object(
  'run',
  'A process: a container, a script, a shell command or a workflow.',
  {
    container: { doc: 'Runs a container.', shape: containerShape, example: '{ image: alpine }' },
    script: {
      doc: 'Runs code.',
      shape: script,
      example: "{ language: js, code: 'console.log(1)' }",
    },
    shell: { doc: 'Runs a shell command.', shape: shell, example: '{ command: ls }' },
    workflow: {
      doc: 'Runs another workflow.',
      shape: workflow,
      example: '{ namespace: shop, name: refund, version: latest }',
    },
    await: {
      doc: 'Whether to wait for the end. If not, the output is the input.',
      shape: boolean,
      default: true,
    },
    return: {
      doc: 'What becomes the output: what was written, the exit code, all of it, or nothing.',
      shape: oneOf('result', ['stdout', 'stderr', 'code', 'all', 'none']),
      default: 'stdout',
    },
  },
  { choices: [{ of: ['container', 'script', 'shell', 'workflow'] }] },
);

export const containerLifetime = lifetime;
