import { stem, wordsOf } from '../language/stem.js';
import { singular } from '../catalogue/operation.js';
import type { Token } from '../language/tokens.js';
import type { Who } from './model.js';
import type { People } from './world.js';

export interface Person {
  readonly who: Who;
  readonly label: string;
  /** As an answer: `role:…` or `member:…`. */
  readonly value: string;
}

/** Everybody who can be asked. */
export function everybody(people: People): Person[] {
  return [
    ...people.roles.map((role) => ({
      who: { role },
      label: `Everybody with the role "${role}"`,
      value: `role:${role}`,
    })),
    ...people.members.map((member) => ({
      who: { member: member.id },
      label: member.name,
      value: `member:${member.id}`,
    })),
  ];
}

/** Roles and members that a phrase names; several when it is not plain. */
export function findPeople(people: People, phrase: readonly Token[]): Person[] {
  const words = phrase.map((token) => token.lower);
  const all = everybody(people);
  const roles = all.filter(({ who }) => 'role' in who && names(wordsOf(who.role), words));
  if (roles.length > 0) return mostSpecific(roles);
  const members = all.filter(({ who, label }) => 'member' in who && names(wordsOf(label), words));
  if (members.length > 0) return members;
  const partly = all.filter(
    ({ who, label }) => 'member' in who && namesPartly(wordsOf(label), words),
  );
  if (partly.length > 0) return partly;
  return all.filter(({ who }) => 'role' in who && endsAlike(wordsOf(who.role), words));
}

/** Every word of the name is spoken, in whatever number or form. */
function names(name: readonly string[], words: readonly string[]): boolean {
  const forms = new Set(words.flatMap((word) => [word, singular(word), stem(word)]));
  return name.length > 0 && name.every((part) => forms.has(part) || forms.has(stem(part)));
}

/** A first or a last name alone. */
function namesPartly(name: readonly string[], words: readonly string[]): boolean {
  return words.length > 0 && words.every((word) => name.includes(word));
}

/** "the lead" for a role such as `night-lead`. */
function endsAlike(role: readonly string[], words: readonly string[]): boolean {
  const last = words.at(-1) ?? '';
  return role.length > 1 && (role.at(-1) === last || role.at(-1) === singular(last));
}

function mostSpecific(roles: readonly Person[]): Person[] {
  const longest = Math.max(...roles.map(({ value }) => wordsOf(value).length));
  return roles.filter(({ value }) => wordsOf(value).length === longest);
}
