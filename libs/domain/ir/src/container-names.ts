const host = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?$/;
const component = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digest = /^sha256:[a-f0-9]{64}$/;
const lengthMax = 400;

/**
 * Words before the first colon by which container runtimes mean files of their machine, not images;
 * whatever follows, even where it reads as a port: a registry cannot be called so.
 */
const transports: ReadonlySet<string> = new Set([
  'containers-storage',
  'dir',
  'docker',
  'docker-archive',
  'docker-daemon',
  'oci',
  'oci-archive',
  'ostree',
  'sif',
  'tarball',
]);

/**
 * Whether a text names an image as registries do, e.g. `alpine:3` or `registry.example.com/app@sha256:…`:
 * so it is no option, no file, and nothing else that a container runtime would take for one.
 */
export function isImageName(text: string): boolean {
  if (text.length > lengthMax) return false;
  if (text.includes(':') && transports.has(text.slice(0, text.indexOf(':')))) return false;
  const [named = '', pinned, ...more] = text.split('@');
  if (more.length > 0 || (pinned !== undefined && !digest.test(pinned))) return false;
  const path = named.split('/');
  const [last = '', label, ...rest] = (path.pop() ?? '').split(':');
  if (rest.length > 0 || (label !== undefined && !tag.test(label))) return false;
  const [first, ...inner] = path;
  const isPath = [...inner, last].every((part) => component.test(part));
  return isPath && (first === undefined || host.test(first) || component.test(first));
}

/** Whether a container can be called so. */
export function isContainerName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(text);
}

export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(text);
}
