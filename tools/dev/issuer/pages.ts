import type { Person } from './people.ts';

/** The issuer's own pages: plain forms, no script. */
export function choosePersonPage(action: string, people: readonly Person[]): string {
  const buttons = people
    .map(
      (person) =>
        `<button name="person" value="${person.id}">${escape(person.name)}<small>${escape(person.email)}</small></button>`,
    )
    .join('');
  return page(
    'Sign in',
    `<h1>Sign in as</h1><form method="post" action="${action}">${buttons}</form>`,
  );
}

export function needAddressPage(): string {
  return page(
    'Sign in',
    `<h1>Open the address that <code>npm start</code> printed</h1>
     <p>It carries a one-time sign-in for this browser. Run <code>npm start</code> once more in the
     same folder to get a new one.</p>`,
  );
}

export function messagePage(title: string, text: string): string {
  return page(title, `<h1>${escape(title)}</h1><p>${escape(text)}</p>`);
}

/** Wraps a form that oidc-provider made (device flow, sign-out). */
export function formPage(content: {
  readonly title: string;
  readonly text: string;
  readonly form: string;
  /** The button: the id of its form, what it says and, if the form asks for it, its name. */
  readonly submit: { readonly form: string; readonly text: string; readonly name?: string };
  /** Whether there is a way to say no. */
  readonly abort?: boolean;
}): string {
  const { title, text, form, submit, abort = false } = content;
  const named = submit.name === undefined ? '' : ` name="${submit.name}" value="yes"`;
  const yes = `<button type="submit" form="${submit.form}"${named} autofocus>${submit.text}</button>`;
  const no = `<button type="submit" form="${submit.form}" name="abort" value="yes" formnovalidate>Cancel</button>`;
  return page(
    title,
    `<h1>${escape(title)}</h1><p>${escape(text)}</p>${form}${yes}${abort ? no : ''}`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>${escape(title)} · Parley development issuer</title>
<style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:26rem;margin:12vh auto;padding:0 1rem}
h1{font-size:1.25rem}
button{display:block;width:100%;margin:.5rem 0;padding:.75rem 1rem;text-align:left;font:inherit;border:1px solid #8886;border-radius:.5rem;background:#8881;color:inherit;cursor:pointer}
button:hover,button:focus-visible{border-color:#4f6bed;outline:2px solid #4f6bed55}
small{display:block;opacity:.7}
input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box}
</style></head><body>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
