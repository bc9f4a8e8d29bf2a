import { memberOf, textOf, type SourceNode } from '../source/tree.js';

/** The address of an `endpoint`, which is a text or an object, when it is fixed. */
export function fixedAddress(endpoint: SourceNode | undefined): string | undefined {
  const address = textOf(endpoint) ?? textOf(memberOf(endpoint, 'uri'));
  const text = address?.trim();
  return text === undefined || text === '' || /[{}]/.test(text) ? undefined : text;
}

/** The address of an external resource, when it is fixed. */
export function resourceAddress(resource: SourceNode | undefined): string | undefined {
  const address = fixedAddress(memberOf(resource, 'endpoint'));
  return address === undefined ? undefined : rawAddress(address);
}

/** Where a catalog keeps a function. */
export function catalogAddress(endpoint: string, name: string, version: string): string {
  const root = endpoint.replace(/\/+$/, '');
  const bare = /^https:\/\/github\.com\/[^/]+\/[^/]+$/.test(root);
  const file = `functions/${name}/${version}/function.yaml`;
  return rawAddress(bare ? `${root}/tree/HEAD/${file}` : `${root}/${file}`);
}

/** Pages of files on GitHub and GitLab become the files. */
export function rawAddress(address: string): string {
  const gitHub = /^https:\/\/github\.com\/([^/]+)\/([^/]+)\/(?:tree|blob)\/([^/]+)\/(.+)$/.exec(
    address,
  );
  if (gitHub !== null) {
    const [, owner = '', repository = '', version = '', path = ''] = gitHub;
    const fixed = version === 'HEAD' || /^[0-9a-f]{40}$/.test(version);
    const reference = fixed ? version : `refs/heads/${version}`;
    return `https://raw.githubusercontent.com/${owner}/${repository}/${reference}/${path}`;
  }
  return address.replace(/^(https:\/\/gitlab\.com\/.+)\/-\/(?:tree|blob)\//, '$1/-/raw/');
}
