import type { Scenario } from './scenario.js';

const asked = { bookId: 'b1', memberId: 'm1', id: 'x1', loanId: 'l1', roomId: 'r1', hours: 2 };

/** A third business, written last of all and run once before anything was changed for it. */
export const libraryScenarios: readonly Scenario[] = [
  {
    name: 'lend or hold',
    business: 'library',
    heldOut: true,
    turns: [
      'When a member asks for a book, get the book. If there are copies available, lend it to the member, otherwise place a hold.',
    ],
    trials: [
      {
        input: asked,
        world: { getBookById: { id: 'b1', copiesAvailable: 2 } },
        calls: ['getBookById', ['checkoutBook', { memberId: 'm1' }]],
      },
      {
        input: asked,
        world: { getBookById: { id: 'b1', copiesAvailable: 0 } },
        calls: ['getBookById', ['placeHold', { memberId: 'm1' }]],
      },
    ],
  },
  {
    name: 'overdue letters',
    business: 'library',
    heldOut: true,
    turns: [
      'Every Tuesday and Thursday at 10 find the overdue loans and for each loan send a letter to the member saying "Please bring your book back"',
    ],
    schedule: { cron: '0 10 * * 2,4' },
    trials: [
      {
        world: {
          findLoans: [
            { id: 'l1', memberId: 'm1', daysOverdue: 3 },
            { id: 'l2', memberId: 'm2', daysOverdue: 9 },
          ],
        },
        calls: [
          ['findLoans', { overdue: true }],
          ['sendLetter', { memberId: 'm1', content: 'Please bring your book back' }],
          ['sendLetter', { memberId: 'm2' }],
        ],
      },
    ],
  },
  {
    name: 'very late',
    business: 'library',
    heldOut: true,
    turns: [
      'Daily at 6am: find all open loans; for each one, if it is more than 30 days overdue suspend the member and mark the book as lost',
    ],
    schedule: { cron: '0 6 * * *' },
    trials: [
      {
        world: {
          findLoans: [
            { id: 'l1', memberId: 'm1', bookId: 'b1', daysOverdue: 31 },
            { id: 'l2', memberId: 'm2', bookId: 'b2', daysOverdue: 2 },
          ],
        },
        calls: [
          ['findLoans', { state: 'open' }],
          ['suspendMember', { id: 'm1' }],
          ['markBookLost', { id: 'b1' }],
        ],
      },
    ],
  },
  {
    name: 'renew for the good ones',
    business: 'library',
    heldOut: true,
    turns: [
      'Look up the member. If they are active and the unpaid fines are below 10, renew the loan, else email the member "Please pay your fines first".',
    ],
    trials: [
      {
        input: asked,
        world: {
          getMember: { id: 'm1', isActive: true, unpaidFines: 2, contact: { email: 'a@b' } },
        },
        calls: ['getMember', 'renewLoan'],
      },
      {
        input: asked,
        world: {
          getMember: { id: 'm1', isActive: true, unpaidFines: 20, contact: { email: 'a@b' } },
        },
        calls: [
          'getMember',
          ['sendEmail', { recipient: 'a@b', message: 'Please pay your fines first' }],
        ],
      },
    ],
  },
  {
    name: 'waive with a signature',
    business: 'library',
    heldOut: true,
    turns: [
      'A member complains about their fines. Look up the member, and have the branch head approve if the unpaid fines exceed 25. Then waive the fines.',
    ],
    trials: [
      {
        input: asked,
        world: { getMember: { id: 'm1', unpaidFines: 30 } },
        decision: 'approved',
        calls: ['getMember', 'ask:role:branch-head', 'waiveFines'],
      },
      {
        input: asked,
        world: { getMember: { id: 'm1', unpaidFines: 30 } },
        decision: 'rejected',
        calls: ['getMember', 'ask:role:branch-head'],
      },
      {
        input: asked,
        world: { getMember: { id: 'm1', unpaidFines: 5 } },
        calls: ['getMember', 'waiveFines'],
      },
    ],
  },
  {
    name: 'a room',
    business: 'library',
    heldOut: true,
    turns: [
      'Check if the study room is free. If so, reserve it for 2 hours. If not, let the member know by email that the room is taken.',
    ],
    trials: [
      {
        input: asked,
        world: { checkRoom: { id: 'r1', isFree: true } },
        calls: ['checkRoom', ['reserveRoom', { hours: 2 }]],
      },
      {
        input: asked,
        world: { checkRoom: { id: 'r1', isFree: false } },
        mayAlso: ['getMember'],
        calls: ['checkRoom', 'sendEmail'],
      },
    ],
  },
  {
    name: 'return with a fine',
    business: 'library',
    heldOut: true,
    turns: [
      'When a book is returned, take the book back and if it was overdue by more than 7 days add a fine of 5 to the member',
    ],
    trials: [
      {
        input: asked,
        world: { returnBook: { id: 'l1', memberId: 'm1', daysOverdue: 9 } },
        calls: ['returnBook', ['addFine', { id: 'm1', amount: 5 }]],
      },
      {
        input: asked,
        world: { returnBook: { id: 'l1', memberId: 'm1', daysOverdue: 1 } },
        calls: ['returnBook'],
      },
    ],
  },
  {
    name: 'no machine for that',
    business: 'library',
    heldOut: true,
    turns: ['Digitize the book and then send a letter to the member'],
    mustAsk: { about: /digiti/i },
  },
  {
    name: 'who is that',
    business: 'library',
    heldOut: true,
    turns: ['Suspend the member once the mayor has signed off'],
    mustAsk: { about: /mayor/i },
  },
  {
    name: 'in parallel and on',
    business: 'library',
    heldOut: true,
    turns: [
      'Simultaneously fetch the book and look up the member; then lend the book to the member',
    ],
    trials: [{ input: asked, anyOrder: true, calls: ['getBookById', 'getMember', 'checkoutBook'] }],
  },
  {
    name: 'edit: a letter rather than an email',
    business: 'library',
    heldOut: true,
    turns: [
      'Renew the loan and email the member "Renewed"',
      'Rather than emailing the member, send them a letter "Renewed"',
    ],
    touches: ['sendEmail', 'sendLetter', 'getMember'],
    trials: [
      {
        input: asked,
        world: {
          renewLoan: { id: 'l1', memberId: 'm1' },
          getMember: { id: 'm1', contact: { email: 'a@b' } },
        },
        mayAlso: ['getMember'],
        calls: ['renewLoan', ['sendLetter', { memberId: 'm1', content: 'Renewed' }]],
      },
    ],
  },
  {
    name: 'edit: only for adults',
    business: 'library',
    heldOut: true,
    turns: [
      'Look up the member, add a fine of 3 and renew the loan',
      'add the fine only if the level is adult',
    ],
    touches: ['addFine'],
    trials: [
      {
        input: asked,
        world: { getMember: { id: 'm1', level: 'adult' } },
        calls: ['getMember', ['addFine', { amount: 3 }], 'renewLoan'],
      },
      {
        input: asked,
        world: { getMember: { id: 'm1', level: 'child' } },
        calls: ['getMember', 'renewLoan'],
      },
    ],
  },
  {
    name: 'edit: wait in between',
    business: 'library',
    heldOut: true,
    turns: [
      'Place a hold and send a letter "Come and get it"',
      'add a wait of 2 days before the letter',
    ],
    touches: ['wait'],
    trials: [{ input: asked, calls: ['placeHold', 'sendLetter'] }],
  },
  {
    name: 'edit: lower the limit',
    business: 'library',
    heldOut: true,
    turns: [
      'Look up the member; if the unpaid fines are above 50 suspend the member',
      'lower the limit from 50 to 20',
    ],
    touches: ['suspendMember'],
    trials: [
      {
        input: asked,
        world: { getMember: { id: 'm1', unpaidFines: 30 } },
        calls: ['getMember', 'suspendMember'],
      },
      { input: asked, world: { getMember: { id: 'm1', unpaidFines: 10 } }, calls: ['getMember'] },
    ],
  },
  {
    name: 'edit: two at once',
    business: 'library',
    heldOut: true,
    turns: [
      'Look up the member, renew the loan and send a letter "Renewed"',
      'Remove the letter. Also reserve the study room for 3 hours.',
    ],
    touches: ['sendLetter', 'reserveRoom'],
    trials: [{ input: asked, calls: ['getMember', 'renewLoan', ['reserveRoom', { hours: 3 }]] }],
  },
  {
    name: 'edit: ask before the suspension',
    business: 'library',
    heldOut: true,
    turns: [
      'Find the overdue loans of the member and suspend the member',
      'Inês should approve before the member is suspended',
    ],
    touches: ['ask:mem_ines'],
    trials: [
      {
        input: asked,
        decision: 'approved',
        calls: ['findLoans', 'ask:member:mem_ines', 'suspendMember'],
      },
      { input: asked, decision: 'rejected', calls: ['findLoans', 'ask:member:mem_ines'] },
    ],
  },
];
