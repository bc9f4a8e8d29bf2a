const DELETE = '\u007f';

/** A string as JSON text. jq escapes one more character than JavaScript. */
export function quoted(text: string): string {
  const json = JSON.stringify(text);
  return json.includes(DELETE) ? json.replaceAll(DELETE, '\\u007f') : json;
}
