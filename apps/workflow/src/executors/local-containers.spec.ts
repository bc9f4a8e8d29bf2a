import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseJson, type Json } from '@parley/kernel';
import {
  containerName,
  LocalContainers,
  stepId,
  type ContainersOptions,
} from './local-containers.js';

const folder = mkdtempSync(join(tmpdir(), 'parley-fake-runtime-'));
const runtime = join(folder, 'runtime');
const log = join(folder, 'log');
const there = join(folder, 'containers');
const own = join(folder, 'own');

/** Notes how it is called, and does what the name of the image says. */
const fake = `#!${process.execPath}
const fs = require('node:fs');
const argv = process.argv.slice(2);
const all = (name) => argv.filter((one) => one.startsWith('--' + name + '=')).map((one) => one.slice(name.length + 3));
const given = (name) => all(name)[0];
const note = { argv, env: process.env, cwd: process.cwd() };
if (given('env-file')) {
  note.file = fs.readFileSync(given('env-file'), 'utf8');
  note.mode = fs.statSync(given('env-file')).mode & 0o777;
}
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify(note) + '\\n');
const place = (name) => ${JSON.stringify(there)} + '/' + name;
const [command, ...rest] = argv;
if (command === 'ps') {
  const label = rest[rest.indexOf('--filter') + 1].slice('label='.length);
  for (const name of fs.readdirSync(${JSON.stringify(there)})) {
    if (fs.readFileSync(place(name), 'utf8').split('\\n').includes(label)) console.log(name);
  }
} else if (command === 'rm') {
  if (!fs.existsSync(place(rest.at(-1)))) { console.error('Error: no such container'); process.exit(1); }
  fs.rmSync(place(rest.at(-1)));
} else if (command === 'run') {
  fs.writeFileSync(place(given('name')), all('label').join('\\n'));
  const image = rest.find((one) => !one.startsWith('--'));
  if (image === 'broken') { console.error('Error: no such image'); process.exit(125); }
  if (image === 'slow') setInterval(() => undefined, 1000);
  else if (image === 'noisy') process.stdout.on('error', () => undefined), setInterval(() => process.stdout.write('x'.repeat(10000)), 1);
  else {
    process.stdout.write(fs.readFileSync(0));
    console.error('bad');
    fs.rmSync(place(given('name')));
    process.exitCode = 3;
  }
}
`;

interface Noted {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly mode?: number;
}

const errors: string[] = [];

function containers(options: Partial<ContainersOptions> = {}): LocalContainers {
  return new LocalContainers({
    runtime,
    memoryMebibytes: 256,
    cpus: 0.5,
    owner: 'this',
    folder: own,
    onError: (_error, message) => errors.push(message),
    ...options,
  });
}

const of = { runId: 'run_1', occurrence: 'do/box', attempt: 1 };

function perform(
  args: Json,
  by = containers(),
  more: { attempt?: number; signal?: AbortSignal } = {},
) {
  const { attempt = 1, signal = new AbortController().signal } = more;
  return by.perform(args, signal, { ...of, attempt });
}

function noted(): Noted[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines.map((line) => parseJson(line) as unknown as Noted);
}

function ran(): Noted {
  const found = noted().find(({ argv }) => argv[0] === 'run');
  if (found === undefined) throw new Error('no container was run');
  return found;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 5));
}

beforeEach(() => {
  rmSync(log, { force: true });
  rmSync(there, { recursive: true, force: true });
  rmSync(own, { recursive: true, force: true });
  mkdirSync(there);
  writeFileSync(runtime, fake, { mode: 0o755 });
  errors.length = 0;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a runtime that is not there is told of at the start', async () => {
  await containers({ runtime: '/nowhere/podman' }).start();
  expect(errors).toEqual([
    expect.stringContaining(
      'PARLEY_EXECUTORS enables containers, and "/nowhere/podman" does not work',
    ),
  ]);
});

describe('a container', () => {
  it('is run with bounds, without network or anything of the host, and tells how it ended', async () => {
    const outcome = await perform({ image: 'alpine:3', stdin: 'in', pullPolicy: 'never' });
    expect(outcome).toEqual({
      kind: 'completed',
      output: { code: 3, stdout: 'in', stderr: 'bad\n' },
    });
    const { argv } = ran();
    const file = argv.find((one) => one.startsWith('--env-file=')) ?? '';
    expect(argv).toEqual([
      'run',
      '--rm',
      `--name=${containerName(of)}`,
      '--label=dev.parley.owner=this',
      `--label=dev.parley.step=${stepId(of)}`,
      '--network=none',
      '--pull=never',
      '--memory=256m',
      '--memory-swap=256m',
      '--cpus=0.5',
      '--pids-limit=256',
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      '--log-driver=none',
      '--interactive',
      file,
      'alpine:3',
    ]);
    expect(existsSync(file.slice('--env-file='.length))).toBe(false);
    expect(readdirSync(there)).toEqual([]);
  });

  it('has a command for its own shell, with the arguments behind it', async () => {
    await perform({
      image: 'alpine',
      command: 'echo "$1"; exit 2',
      arguments: ['a b', '$(id)', 5],
    });
    expect(ran().argv.slice(-8)).toEqual([
      ...['--entrypoint=/bin/sh', 'alpine', '-c', 'echo "$1"; exit 2', 'sh', 'a b', '$(id)', '5'],
    ]);
  });

  it('is given arguments for what the image runs, and a name beside its own', async () => {
    await perform({ image: 'app', name: 'job_1', arguments: ['--verbose'] });
    expect(ran().argv.slice(-2)).toEqual(['app', '--verbose']);
    expect(ran().argv).toContain(`--name=${containerName(of)}`);
    expect(ran().argv).toContain('--label=dev.parley.name=job_1');
  });

  it('has the network that the operator names', async () => {
    await perform({ image: 'app' }, containers({ network: 'jobs' }));
    expect(ran().argv).toContain('--network=jobs');
  });

  it('gets its environment from a file of this user; no list of processes shows a value', async () => {
    process.env['PARLEY_OF_A_TEST'] = 'hidden';
    const environment = {
      TOKEN: 's3cret = "x" # y',
      LD_PRELOAD: '/evil.so',
      DOCKER_HOST: 'tcp://evil',
    };
    await perform({ image: 'app', environment });
    delete process.env['PARLEY_OF_A_TEST'];
    const { argv, env, file, mode } = ran();
    expect(file).toBe('TOKEN=s3cret = "x" # y\nLD_PRELOAD=/evil.so\nDOCKER_HOST=tcp://evil\n');
    expect(mode).toBe(0o600);
    expect(argv.join(' ')).not.toContain('s3cret');
    expect(argv.find((one) => one.startsWith(`--env-file=${own}/`))).toBeDefined();
    expect(statSync(own).mode & 0o777).toBe(0o700);
    expect(readdirSync(own)).toEqual([]);
    // Nothing of it is the runtime's own, and nothing of Parley's reaches the runtime.
    const names = ['TOKEN', 'LD_PRELOAD', 'DOCKER_HOST', 'PARLEY_OF_A_TEST'];
    expect(names.filter((name) => name in env)).toEqual([]);
  });

  it('leaves no environment behind when its process is killed, once that begins again', async () => {
    const left = join(own, 'run-of-before');
    mkdirSync(left, { recursive: true, mode: 0o755 });
    writeFileSync(join(left, 'environment'), 'TOKEN=s3cret');
    await containers({ runtime: '/nowhere/podman' }).start(); // Whatever becomes of the containers.
    expect(existsSync(left)).toBe(false);
    await perform({ image: 'app' });
    expect(statSync(own).mode & 0o777).toBe(0o700);
  });

  it('that cannot be found fails, with what the runtime says', async () => {
    expect(await perform({ image: 'broken' })).toMatchObject({
      kind: 'failed',
      outcome: 'ambiguous',
      error: { title: 'The container could not be run', detail: 'Error: no such image' },
    });
  });

  it.each<[string, { [name: string]: Json }]>([
    ['an option for an image', { image: '--privileged' }],
    ['an option with a value', { image: '--volume=/:/host' }],
    ['two words', { image: 'alpine --privileged' }],
    ['a line break', { image: 'alpine\n--privileged' }],
    ['a file', { image: 'dir:/etc' }],
    ['an archive', { image: 'docker-archive:/tmp/a.tar' }],
    ['a layout that looks like a host with a port', { image: 'oci:5/bar' }],
    ['a folder that does', { image: 'dir:1/x' }],
    ['an archive that does', { image: 'docker-archive:1/x:latest' }],
    ['a store of images that does', { image: 'containers-storage:1/x' }],
    ['a daemon that does', { image: 'docker-daemon:5/bar:tag' }],
    ['no text', { image: ['alpine'] }],
    ['nothing', { image: '' }],
    ['an option for a name', { image: 'a', name: '--privileged' }],
    ['a name with more than a name', { image: 'a', name: 'x --privileged' }],
    ['ports', { image: 'a', ports: { '80': 80 } }],
    ['folders of the host', { image: 'a', volumes: { '/': '/host' } }],
    ['a life of its own', { image: 'a', lifetime: { cleanup: 'never' } }],
    ['another pull policy', { image: 'a', pullPolicy: '--help' }],
    ['a pull policy of every object', { image: 'a', pullPolicy: 'constructor' }],
    ['a variable with a line break', { image: 'a', environment: { A: 'x\nB=y' } }],
    ['a variable of two lines', { image: 'a', environment: { 'A=1\nB': 'y' } }],
    ['a variable that is a comment', { image: 'a', environment: { '#A': 'y' } }],
    ['U+0000', { image: 'a', arguments: ['a\0b'] }],
  ])('is not run with %s', async (_, args) => {
    expect(await perform(args)).toMatchObject({
      kind: 'failed',
      outcome: 'definitive',
      error: { title: 'The container could not be run' },
    });
    expect(noted()).toEqual([]);
  });

  it.each(['--privileged', '-v/:/host', '--', '; touch /tmp/x', '$(id)'])(
    'takes %s as an argument of its own, behind its image',
    async (argument) => {
      await perform({ image: 'app', arguments: [argument] });
      expect(ran().argv.slice(-2)).toEqual(['app', argument]);
    },
  );
});

describe('a container that does not end by itself', () => {
  const removed = () =>
    noted().flatMap(({ argv }) => (argv[0] === 'rm' ? [argv[argv.length - 1]] : []));

  it.each([
    ['takes too long', 'slow', { workMsMax: 500, outputBytesMax: 100_000 }],
    ['writes too much', 'noisy', { workMsMax: 60_000, outputBytesMax: 100_000 }],
  ])('is removed when it %s', async (what, image, limits) => {
    const by = containers({ limits });
    const title = what === 'writes too much' ? 'wrote too much' : 'took too long';
    expect(await perform({ image }, by)).toMatchObject({
      outcome: 'ambiguous',
      error: { title: `The container ${title}` },
    });
    expect(noted().map(({ argv }) => argv[0])).toContain('kill');
    expect(readdirSync(there)).toEqual([]);
  });

  it('is removed when nobody waits for it any more', async () => {
    const abort = new AbortController();
    const by = containers();
    const ended = perform({ image: 'slow' }, by, { signal: abort.signal });
    await until(() => readdirSync(there).length === 1);
    abort.abort(new Error('given up'));
    await expect(ended).rejects.toThrow('given up');
    await by.end();
    expect(readdirSync(there)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('is removed before its step is tried again, whatever it was called and however long ago', async () => {
    const left = [1, 2].map((attempt) => containerName({ ...of, attempt }));
    // The earlier attempts could not remove theirs.
    writeFileSync(runtime, fake.replace("command === 'rm'", "command === 'never'"));
    for (const attempt of [1, 2]) {
      await perform({ image: 'broken', name: `job-${String(attempt)}` }, containers(), { attempt });
    }
    expect(readdirSync(there).sort()).toEqual([...left].sort());
    writeFileSync(runtime, fake);
    const others = containerName({ ...of, occurrence: 'do/other' });
    writeFileSync(
      join(there, others),
      `dev.parley.step=${stepId({ ...of, occurrence: 'do/other' })}`,
    );
    rmSync(log);
    await perform({ image: 'app', name: 'job-3' }, containers(), { attempt: 3 });
    expect(removed().sort()).toEqual([...left].sort());
    expect(readdirSync(there)).toEqual([others]);
    expect(noted().at(-1)?.argv[0]).toBe('run');
  });

  it('is removed when its process begins again after a crash, and no other is', async () => {
    const orphan = containerName({ ...of, runId: 'run_of_before' });
    writeFileSync(join(there, orphan), 'dev.parley.owner=this');
    writeFileSync(join(there, containerName(of)), 'dev.parley.owner=another');
    writeFileSync(join(there, 'somebody-else'), 'dev.parley.owner=this');
    await containers().start();
    expect(removed()).toEqual([orphan]);
    expect(readdirSync(there).sort()).toEqual([containerName(of), 'somebody-else'].sort());
  });
});
