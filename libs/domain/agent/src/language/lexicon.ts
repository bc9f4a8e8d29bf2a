import { stem } from './stem.js';

/**
 * What the planner knows of English, and nothing of any business: kinds of verbs, words that carry
 * no meaning for retrieval, words that mean about the same, words that say that something is well.
 */
export type VerbClass =
  | 'read'
  | 'create'
  | 'reserve'
  | 'send'
  | 'accept'
  | 'refuse'
  | 'cancel'
  | 'remove'
  | 'change'
  | 'charge'
  | 'repay'
  | 'release'
  | 'assign'
  | 'finish'
  | 'start'
  | 'move'
  | 'hold'
  | 'issue';

const verbs: Readonly<Record<VerbClass, string>> = {
  read: 'check get look lookup find fetch list show see retrieve read verify view search load pull query inspect review determine validate count calculate compute quote track ensure gather obtain examine collect',
  create:
    'create add open register make place submit file log record write raise enter draft generate build produce post put note capture document enroll enrol',
  reserve: 'schedule book reserve plan arrange appoint allocate',
  send: 'send notify tell inform message email mail text sms alert ping remind warn announce contact call forward let thank invite',
  accept: 'confirm accept approve acknowledge grant allow admit endorse',
  refuse: 'reject decline deny refuse turn disapprove',
  cancel: 'cancel void abort revoke withdraw terminate call stop',
  remove: 'delete remove erase discard drop purge unregister clear',
  change:
    'update change set modify mark edit adjust amend rename flag extend renew switch increase decrease raise lower put',
  charge: 'charge bill invoice pay debit collect take capture',
  repay: 'refund reimburse repay return credit compensate',
  release: 'release free unlock unblock restore unhold',
  assign: 'assign allocate dispatch delegate designate give attach',
  finish: 'complete finish close end resolve conclude settle archive',
  start: 'start begin launch initiate trigger run activate issue open',
  move: 'move transfer ship send forward relocate dispatch',
  hold: 'hold block suspend pause lock freeze deactivate disable quarantine',
  issue: 'issue lend loan rent hand give lease print',
};

const classesByStem = new Map<string, Set<VerbClass>>();
for (const [name, words] of Object.entries(verbs) as [VerbClass, string][]) {
  for (const word of words.split(' ')) {
    const classes = classesByStem.get(stem(word)) ?? new Set();
    classesByStem.set(stem(word), classes.add(name));
  }
}

/** The classes of a verb (by stem); empty when it is not known. */
export function verbClasses(verb: string): ReadonlySet<VerbClass> {
  return classesByStem.get(verb) ?? new Set();
}

export function isKnownVerb(verb: string): boolean {
  return classesByStem.has(verb);
}

/** Verbs of the lexicon that are as often nouns; alone they do not begin a clause. */
const nounLike = new Set(
  'book charge schedule invoice log check return report email text message record note call file list bill track ship mail contact review request update set issue release plan hold place count quote post credit loan rent lease alert view search load start end close switch run block lock print draft query raise transfer show release notice supply label rating score sms pay'
    .split(' ')
    .map(stem),
);

export function isNounLike(verb: string): boolean {
  return nounLike.has(verb);
}

const stopWords = new Set(
  `a an the this that these those it its their his her our your my we i you they he she them him us me
  of for to in on at by with from into onto about as per via and or but so then also just only all any
  each every both be do does did have will would should could can may might must shall not no
  please now there here if when whether which who whom whose what where how than too very right
  own same such other another more most some one ones new again up out off over back first
  finally next last after before immediately straight away automatically always kindly everything
  anything something someone somebody anyone person guy thing stuff want need like sure going still
  already instead rather yet either neither nor while until once because since`
    .split(/\s+/)
    .map(stem),
);

export function isStopWord(stemmed: string): boolean {
  return stopWords.has(stemmed);
}

const synonymGroups = [
  'customer client buyer purchaser consumer guest',
  'user account member person',
  'total amount sum value price cost',
  'fee charge price',
  'employee worker colleague personnel crew team',
  'phone telephone mobile',
  'email mail',
  'sms text',
  'message notification text notice note',
  'invoice bill',
  'appoint book reserve slot visit',
  'date day time moment',
  'available free vacant open',
  'article item product good',
  'quantity amount number count',
  'id identifier number reference code',
  'address location place',
  'due overdue late expired',
  'damage defect fault problem',
  'repair fix maintenance service',
  'task job ticket work',
  'reason cause explanation comment',
  'start begin from',
  'end finish until to',
  'comment note remark',
  'history record log chart',
  'payment charge',
  'refund repay reimburse',
  'car vehicle',
  'name title',
  'state status condition',
  'duration length',
  'rating score grade',
  'contract agreement',
];

const synonymsByStem = new Map<string, Set<string>>();
for (const group of synonymGroups) {
  const stems = group.split(' ').map(stem);
  for (const one of stems) {
    const known = synonymsByStem.get(one) ?? new Set<string>();
    for (const other of stems) if (other !== one) known.add(other);
    synonymsByStem.set(one, known);
  }
}

/** Stems that mean about the same, without the word itself. */
export function synonymsOf(stemmed: string): ReadonlySet<string> {
  return synonymsByStem.get(stemmed) ?? new Set();
}

const asStems = (words: string): ReadonlySet<string> => new Set(words.split(' ').map(stem));

/** Adjectives and property names that say that things are well. */
export const positiveWords = asStems(
  'ok okay fine good well available valid allowed eligible success successful passed pass approved active enabled free open ready sufficient enough possible permitted accepted verified complete clear clean healthy feasible confirmed satisfied positive granted true yes in',
);

/** Adjectives and property names that say that things are not well. */
export const negativeWords = asStems(
  'bad unavailable invalid forbidden ineligible failed fail refused rejected inactive disabled full blocked closed insufficient impossible denied missing expired overdue negative false no damaged suspended out wrong',
);

/** Inputs that hold prose for a reader. */
export const proseWords = asStems(
  'text message body subject content reason note notes comment description title remark remarks details summary',
);
