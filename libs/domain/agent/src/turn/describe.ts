import { describeDuration, parseDuration } from '@parley/dsl';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { membersOf } from '../catalogue/schema.js';
import { inputSchemaOf } from '../draft/world.js';
import { bareJq, casesOf, ownerOf, type View, type ViewStep } from '../draft/view.js';
import { scheduleInWords } from '../request/schedule.js';
import { casesInWords, eachInWords, onlyIf } from './reply.js';

const asking = /^(?:what|why|how|who|whom|whose|which|where)(?:'s)?\b.*\?$/is;
const askingWhen =
  /^when (?:is|are|was|were|does|do|did|will|would|can|could|should|has|have)\b.*\?$/is;
const askingWhether = /^(?:does|did|will) (?:it|this|that|the|a|an)\b.*\?$/is;
const telling =
  /^(?:please )?(?:explain|describe|summari[sz]e)(?: to me)? (?:it|this|that|(?:the|this) (?:draft|workflow|process))[.!?]*$/i;
const lead = /^(?:(?:ok|okay|hi|hello|hey|thanks|thank you|and|but|so|now|well)[,!. ]+)*/i;

/** Whether a text asks about the draft, and so is no request to change it. "When …" may begin either. */
export function isQuestionAboutDraft(text: string): boolean {
  const plain = text.trim().replace(lead, '');
  return [asking, askingWhen, askingWhether, telling].some((form) => form.test(plain));
}

/** What a draft does, as it is written now. */
export function draftInWords(view: View, timezone: string): string {
  const { document } = view.definition;
  const title = isJsonObject(document) ? document['title'] : undefined;
  const named = typeof title === 'string' ? ` is called "${title}". It` : '';
  const inputs = membersOf(inputSchemaOf(view)).map(({ name }) => `\`${name}\``);
  return [
    `The draft${named} ${startInWords(view.definition['schedule'], timezone)}.`,
    linesOf(view).join('\n'),
    ...(inputs.length === 0 ? [] : [`A run is started with: ${inputs.join(', ')}.`]),
  ].join('\n\n');
}

function startInWords(schedule: Json | undefined, timezone: string): string {
  if (schedule === undefined) return 'is started by a person or by a call of the API';
  const { cron, every } = isJsonObject(schedule) ? schedule : {};
  if (typeof cron === 'string') {
    const isPlain = /^\d+ \d+ \S+ \S+ (?:\*|[0-6](?:,[0-6])*|1-5)$/.test(cron.trim());
    const words = isPlain
      ? scheduleInWords({ cron: cron.trim() }).toLowerCase()
      : `at the times of the cron expression \`${cron}\``;
    return `starts by itself: ${words} (${timezone})`;
  }
  return every === undefined
    ? 'starts by itself, by its schedule'
    : `starts by itself: every ${durationInWords(every).replace(/^1 (?=\S+$)/, '')}`;
}

function durationInWords(duration: Json): string {
  if (isJsonObject(duration)) {
    return Object.entries(duration)
      .map(
        ([unit, amount]) =>
          `${JSON.stringify(amount)} ${amount === 1 ? unit.replace(/s$/, '') : unit}`,
      )
      .join(' ');
  }
  if (typeof duration !== 'string') return 'some time';
  const parsed = parseDuration(duration);
  return parsed.ok ? describeDuration(parsed.value.ms) : `\`${bareJq(duration)}\``;
}

/** The steps as a nested list, in the order in which they are written. */
function linesOf(view: View): string[] {
  let top = 0;
  return view.steps.map((step) => {
    const depth = depthOf(view, step);
    if (depth === 0) top += 1;
    const mark = depth === 0 ? `${top}.` : '-';
    const only = typeof step.task['if'] === 'string' ? ` — ${onlyIf(bareJq(step.task['if']))}` : '';
    const does = stepInWords(step);
    return `${'   '.repeat(depth)}${mark} **${step.name}**${does === '' ? '' : `: ${does}`}${only}`;
  });
}

function depthOf(view: View, step: ViewStep): number {
  const owner = ownerOf(view, step.list);
  return owner === undefined ? 0 : depthOf(view, owner) + 1;
}

function stepInWords(step: ViewStep): string {
  const { task, kind } = step;
  switch (kind) {
    case 'call':
      return step.operation?.label ?? `calls ${calledIn(task)}`;
    case 'human':
      return `asks ${assigneeIn(task)} to approve`;
    case 'wait':
      return `waits ${durationInWords(task['wait'] ?? '')}`;
    case 'do':
      return '';
    case 'switch':
      return casesInWords(
        casesOf(step).map(({ when, then }) => ({
          then: then ?? 'the next step',
          ...(when === undefined ? {} : { when: bareJq(when) }),
        })),
      );
    case 'for':
      return loopInWords(task['for']);
    case 'fork':
      return 'at the same time';
    case 'try':
      return triesInWords(task['catch']);
    case 'other':
      return otherInWords(task);
  }
}

function calledIn(task: JsonObject): string {
  const given = isJsonObject(task['with']) ? task['with'] : {};
  const { connector, operation } = given;
  return typeof connector === 'string' && typeof operation === 'string'
    ? `\`${operation}\` of \`${connector}\``
    : `\`${typeof task['call'] === 'string' ? task['call'] : ''}\``;
}

function assigneeIn(task: JsonObject): string {
  const assignee = isJsonObject(task['with']) ? task['with']['assignee'] : undefined;
  const role = isJsonObject(assignee) ? assignee['role'] : undefined;
  return typeof role === 'string' ? `everybody with the role "${role}"` : 'one member';
}

function loopInWords(loop: Json | undefined): string {
  const { each, in: list } = isJsonObject(loop) ? loop : {};
  const variable = typeof each === 'string' ? each : 'item';
  return eachInWords(variable, typeof list === 'string' ? bareJq(list) : 'a list');
}

function triesInWords(caught: Json | undefined): string {
  const { retry, do: steps } = isJsonObject(caught) ? caught : {};
  const limit = isJsonObject(retry) && isJsonObject(retry['limit']) ? retry['limit'] : {};
  const count = isJsonObject(limit['attempt']) ? limit['attempt']['count'] : undefined;
  const retries = typeof count === 'number' ? `up to ${count} retries` : 'retries';
  return [
    ...(retry === undefined ? [] : [retries]),
    ...(steps === undefined ? [] : ['with steps for a failure']),
  ].join(', ');
}

function otherInWords(task: JsonObject): string {
  if (task['set'] !== undefined) return 'sets values';
  if (task['raise'] === undefined) return '';
  const error = isJsonObject(task['raise']) ? task['raise']['error'] : undefined;
  const title = isJsonObject(error) ? error['title'] : undefined;
  if (typeof title !== 'string') return 'ends with an error';
  return title.startsWith('Not decided yet: ')
    ? title.replace('Not', 'not')
    : `ends with the error "${title}"`;
}
