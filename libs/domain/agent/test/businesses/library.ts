import type { Catalogue } from '@parley/contracts';
import {
  about,
  day,
  flag,
  integer,
  list,
  number,
  oneOf,
  system,
  text,
  thing,
  time,
} from './describe.js';

/** A public library, described in another manner: ids are called `id`, lists are bare arrays. */
const book = thing({
  id: text,
  title: text,
  isbn: text,
  author: text,
  copiesAvailable: integer,
  isReference: flag,
});
const member = thing({
  id: text,
  fullName: text,
  contact: thing({ email: text, mobile: text }),
  isActive: flag,
  unpaidFines: number,
  level: oneOf('child', 'adult', 'staff'),
});
const loan = thing({
  id: text,
  bookId: text,
  memberId: text,
  dueDate: day,
  daysOverdue: integer,
  renewals: integer,
  state: oneOf('open', 'returned', 'lost'),
});
const hold = thing({
  id: text,
  bookId: text,
  memberId: text,
  position: integer,
  state: oneOf('waiting', 'ready', 'expired'),
});
const room = thing({ id: text, name: text, seats: integer, isFree: flag });

export const library: Catalogue = {
  connectors: [
    system('catalog', 'Book catalog', [
      {
        id: 'searchBooks',
        at: 'GET /books',
        summary: 'Search for books',
        query: { 'q!': text, author: text },
        answers: list(book),
      },
      { id: 'getBookById', at: 'GET /books/{id}', summary: 'Fetch a book', answers: book },
      {
        id: 'addBook',
        at: 'POST /books',
        summary: 'Add a book to the catalog',
        body: { 'title!': text, 'isbn!': text },
        answers: book,
      },
      {
        id: 'markBookLost',
        at: 'POST /books/{id}/lost',
        summary: 'Mark a book as lost',
        answers: book,
      },
    ]),
    system('circulation', 'Circulation', [
      {
        id: 'checkoutBook',
        at: 'POST /loans',
        summary: 'Lend a book to a member',
        body: { 'bookId!': text, 'memberId!': text },
        answers: loan,
      },
      {
        id: 'returnBook',
        at: 'POST /loans/{id}/return',
        summary: 'Take a book back',
        answers: loan,
      },
      { id: 'renewLoan', at: 'POST /loans/{id}/renew', summary: 'Renew a loan', answers: loan },
      {
        id: 'findLoans',
        at: 'GET /loans',
        summary: 'Find loans',
        query: { state: oneOf('open', 'returned', 'lost'), overdue: flag, memberId: text },
        answers: list(loan),
      },
      {
        id: 'placeHold',
        at: 'POST /holds',
        summary: 'Place a hold',
        body: { 'bookId!': text, 'memberId!': text },
        answers: hold,
      },
      { id: 'cancelHold', at: 'DELETE /holds/{id}', summary: 'Cancel a hold', answers: hold },
      {
        id: 'listHolds',
        at: 'GET /holds',
        summary: 'List holds',
        query: { state: oneOf('waiting', 'ready', 'expired') },
        answers: list(hold),
      },
    ]),
    system('members', 'Members', [
      { id: 'getMember', at: 'GET /members/{id}', summary: 'Look up a member', answers: member },
      {
        id: 'suspendMember',
        at: 'POST /members/{id}/suspend',
        summary: 'Suspend a member',
        body: { reason: text },
        answers: member,
      },
      {
        id: 'addFine',
        at: 'POST /members/{id}/fines',
        summary: 'Add a fine to a member',
        body: { 'amount!': number, reason: text },
        answers: thing({ fineId: text, amount: number }),
      },
      {
        id: 'waiveFines',
        at: 'DELETE /members/{id}/fines',
        summary: 'Waive all fines of a member',
        answers: member,
      },
    ]),
    system('rooms', 'Study rooms', [
      {
        id: 'checkRoom',
        at: 'GET /rooms/{id}',
        summary: 'Check a study room',
        query: { at: time },
        answers: room,
      },
      {
        id: 'reserveRoom',
        at: 'POST /rooms/{id}/reservations',
        summary: 'Reserve a study room',
        body: { 'memberId!': text, 'hours!': integer },
        answers: thing({ id: text, code: text }),
      },
    ]),
    system('post', 'Postbox', [
      {
        id: 'sendLetter',
        at: 'POST /letters',
        summary: 'Send a letter',
        body: { 'memberId!': text, 'content!': text },
        answers: thing({ id: text }),
      },
      {
        id: 'sendEmail',
        at: 'POST /mails',
        summary: 'Send an email',
        body: { 'recipient!': about(text, 'Email address'), 'subject!': text, 'message!': text },
        answers: thing({ id: text }),
      },
    ]),
  ],
};

export const libraryPeople = {
  roles: ['owner', 'builder', 'librarian', 'branch-head'],
  members: [
    { id: 'mem_ines', name: 'Inês Duarte', roles: ['librarian'] },
    { id: 'mem_karl', name: 'Karl Vogt', roles: ['branch-head'] },
  ],
};
