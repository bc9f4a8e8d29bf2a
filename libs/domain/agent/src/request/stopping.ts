const whole =
  '(?:it|this|that|(?:the|this|my) (?:whole )?(?:workflow|process|flow|draft|automation))';
const timer = `(?:(?:the|its|this|that|my) )?(?:schedule|timer|trigger)(?: (?:of|for|from|on) ${whole})?`;
const ending =
  '(?:,? (?:any ?more|any longer|for now|now|for a while|until further notice|from now on|again|instead|please|altogether|completely))*';
const regularly =
  '(?:automatically|by itself|on its own|on (?:a|the|its) schedule|regularly|hourly|daily|nightly|weekly|monthly|(?:every|each) (?!weekend)[a-z0-9 :]+?)';
const byHand =
  '(?:by hand|manually|on demand|when (?:(?:somebody|someone|a person) starts|i start|we start) it)';
const run = '(?:run|start|launch|execute|trigger|repeat)';
const running = '(?:running|starting|launching|executing|triggering|repeating)';
const negation = `(?:do not|don't|never|not|no longer|(?:i|we) (?:do not|don't) want ${whole} to)`;

const forms = [
  `(?:remove|drop|delete|cancel|clear|stop|pause|suspend|disable|deactivate|turn off|switch off|get rid of|take out) ${timer}`,
  `(?:turn|switch) (?:${whole}|${timer}) off`,
  `(?:stop|pause|suspend|halt|disable|deactivate|unschedule|turn off|switch off) ${whole}`,
  `(?:${negation} ${run}|stop ${running})(?: ${whole})?(?: ${regularly})?`,
  `(?:${negation} do|stop doing) ${whole} ${regularly}`,
  `(?:only |just )?${run}(?: ${whole})? (?:only |just )?${byHand}(?: only)?(?: (?:instead of|rather than) [a-z0-9 :]+)?`,
  `make ${whole} (?:manual|(?:only )?${run} (?:only )?${byHand}(?: only)?)`,
].map((form) => new RegExp(`^(?:from now on,? )?${form}${ending}$`, 'i'));

/** Whether a command says that the workflow is not to start by itself any more, and nothing else. */
export function stopsSchedule(command: string): boolean {
  const parts = command.split(/,\s*(?:but |and )?|\s+but\s+/);
  return parts.every((part) => forms.some((form) => form.test(part.trim())));
}

const denied = new RegExp(`^(?:${negation} (?:${run}|do)|stop (?:${running}|doing))\\b`, 'i');

/** A command without the times at which the workflow is not to run. */
export function withoutDenied(command: string): string {
  if (!denied.test(command)) return command;
  return /(?:,\s*|\s+)but\s+(.+)$|,\s*(.+)$/i.exec(command)?.slice(1).find(Boolean) ?? '';
}
