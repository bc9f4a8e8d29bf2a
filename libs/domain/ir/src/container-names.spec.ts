import { describe, expect, it } from '@jest/globals';
import { isContainerName, isImageName, isVariableName } from './container-names.js';

describe('the name of an image', () => {
  it.each([
    'alpine',
    'alpine:3',
    'library/alpine:3.20-r1',
    'ghcr.io/some-one/an_app.x:latest',
    'localhost:5000/app',
    'oci/app:1',
    'registry:5000/dir:1',
    'Registry.example.com:443/a/b/c:Tag_1',
    `app@sha256:${'a'.repeat(64)}`,
    `ghcr.io/a/b:1@sha256:${'0'.repeat(64)}`,
  ])('may be %s', (name) => expect(isImageName(name)).toBe(true));

  it.each([
    '',
    ' alpine',
    'alpine\n',
    'alpine --privileged',
    '--privileged',
    '-v/:/host',
    '--volume=/:/host',
    '/etc/passwd',
    './image',
    '../../x',
    'dir:etc',
    'dir:/etc',
    'oci-archive:x',
    'docker-archive:/tmp/a.tar',
    'docker://alpine',
    'containers-storage:abc',
    'oci:5/bar',
    'dir:1/x',
    'docker-archive:1/x:latest',
    'containers-storage:1/x',
    'docker-daemon:5/bar:tag',
    'http://registry/app',
    'alpine:3:4',
    'alpine:-3',
    'alpine@sha256:abc',
    'ALPINE',
    'a//b',
    'a/-b',
    '$(touch x)',
    'a;b',
    'a\0b',
    'é',
    'a'.repeat(500),
  ])('is not %j', (name) => expect(isImageName(name)).toBe(false));

  it('is told from others in no time', () => {
    expect(isImageName(`${'a-'.repeat(190)}!`)).toBe(false);
    expect(isImageName(`${'a.'.repeat(190)}/${'-'.repeat(10)}`)).toBe(false);
  });
});

it('the names of containers and variables hold nothing that means something else', () => {
  expect(['job-1', 'A_b.c', '0'].every(isContainerName)).toBe(true);
  expect(['', '-rm', 'a b', 'a/b', 'a\n', 'x'.repeat(101)].some(isContainerName)).toBe(false);
  expect(['PATH', '_x1'].every(isVariableName)).toBe(true);
  expect(['', '1A', 'A=B', 'A B', 'A\n', 'A-B', '#A'].some(isVariableName)).toBe(false);
});
