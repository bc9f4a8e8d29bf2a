/** A person of the development issuer; the platform service knows the same e-mail addresses. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Who can sign in on a developer's machine. The first is signed in by the printed address. */
export const people: readonly Person[] = [
  { id: 'dev-owner', name: 'Olivia Owner', email: 'owner@parley.local' },
  { id: 'dev-manager', name: 'Marco Manager', email: 'manager@parley.local' },
  { id: 'dev-viewer', name: 'Vera Viewer', email: 'viewer@parley.local' },
  { id: 'dev-second', name: 'Sam Second (another company)', email: 'owner@second.local' },
];

export function personById(id: string): Person | undefined {
  return people.find((person) => person.id === id);
}

export function personByEmail(email: string): Person | undefined {
  return people.find((person) => person.email === email);
}
