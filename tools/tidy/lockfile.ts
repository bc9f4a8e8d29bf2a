/** The part of package-lock.json that is looked at. */
export interface Lockfile {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/**
 * Platform packages that a locked package names and the lockfile lacks. npm writes such a file when
 * a registry does not have them, and `npm ci` then leaves a program without its native part.
 */
export function lockfileHoles({ packages }: Lockfile): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(
        (name) => !placesFor(path).some((place) => `${place}node_modules/${name}` in packages),
      )
      .map((name) => `${path} needs ${name}`),
  );
}

/** Where Node looks for the packages of `path`, as prefixes. */
function placesFor(path: string): string[] {
  const places = path.split('/').map((_, at, parts) => `${parts.slice(0, at + 1).join('/')}/`);
  return ['', ...places.filter((place) => !place.endsWith('/node_modules/') && place !== '/')];
}
