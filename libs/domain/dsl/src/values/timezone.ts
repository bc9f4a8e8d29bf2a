/** Whether a name is an IANA time zone. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    // RangeError is how Intl answers "no".
    return false;
  }
}

/** Zones whose city a person may have meant. */
export function zonesOfCity(city: string): string[] {
  const ending = `/${city.toLowerCase().replaceAll(' ', '_')}`;
  return Intl.supportedValuesOf('timeZone').filter((name) => name.toLowerCase().endsWith(ending));
}
