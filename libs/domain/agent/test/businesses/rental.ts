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

/** A bike rental: fleet, rentals, customers, payments, workshop and messages. */
const bike = thing({
  bikeId: text,
  model: text,
  stationId: text,
  status: oneOf('available', 'rented', 'maintenance'),
  mileageKm: number,
});

const rental = thing({
  rentalId: text,
  bikeId: text,
  customerId: text,
  status: oneOf('active', 'overdue', 'closed'),
  total: about(number, 'Price of the rental.'),
  deposit: number,
  dueAt: time,
  hoursLate: number,
});

const customer = thing({
  customerId: text,
  name: text,
  email: text,
  phone: text,
  blocked: about(flag, 'Blocked customers may not rent.'),
  membership: oneOf('none', 'silver', 'gold'),
  outstandingBalance: number,
});

const ticket = thing({
  ticketId: text,
  bikeId: text,
  status: oneOf('open', 'done'),
  estimatedCost: number,
});

export const rentalShop: Catalogue = {
  connectors: [
    system('fleet', 'Fleet', [
      {
        id: 'list_bikes',
        at: 'GET /bikes',
        summary: 'List bikes',
        tag: 'bikes',
        query: { status: oneOf('available', 'rented', 'maintenance'), stationId: text },
        answers: thing({ bikes: list(bike) }),
      },
      {
        id: 'get_bike',
        at: 'GET /bikes/{bikeId}',
        summary: 'Get one bike',
        tag: 'bikes',
        answers: bike,
      },
      {
        id: 'set_bike_status',
        at: 'PUT /bikes/{bikeId}/status',
        summary: 'Set the status of a bike',
        tag: 'bikes',
        body: { 'status!': oneOf('available', 'rented', 'maintenance') },
        answers: bike,
      },
      {
        id: 'inspect_bike',
        at: 'POST /bikes/{bikeId}/inspections',
        summary: 'Inspect a bike',
        tag: 'bikes',
        answers: thing({
          inspectionId: text,
          damaged: flag,
          repairCost: about(number, 'Estimate for the repair.'),
        }),
      },
      {
        id: 'locate_bike',
        at: 'GET /bikes/{bikeId}/location',
        summary: 'Locate a bike',
        tag: 'bikes',
        answers: thing({ latitude: number, longitude: number }),
      },
    ]),
    system('rentals', 'Rentals', [
      {
        id: 'check_availability',
        at: 'GET /availability',
        summary: 'Check availability of a model',
        tag: 'rentals',
        query: { 'model!': text, 'date!': day },
        answers: thing({ available: flag, bikesFree: integer }),
      },
      {
        id: 'create_rental',
        at: 'POST /rentals',
        summary: 'Create a rental',
        tag: 'rentals',
        body: { 'bikeId!': text, 'customerId!': text, 'days!': integer },
        answers: rental,
      },
      {
        id: 'get_rental',
        at: 'GET /rentals/{rentalId}',
        summary: 'Get a rental',
        tag: 'rentals',
        answers: rental,
      },
      {
        id: 'list_rentals',
        at: 'GET /rentals',
        summary: 'List rentals',
        tag: 'rentals',
        query: { status: oneOf('active', 'overdue', 'closed') },
        answers: thing({ rentals: list(rental) }),
      },
      {
        id: 'extend_rental',
        at: 'POST /rentals/{rentalId}/extend',
        summary: 'Extend a rental',
        tag: 'rentals',
        body: { 'days!': integer },
        answers: rental,
      },
      {
        id: 'close_rental',
        at: 'POST /rentals/{rentalId}/close',
        summary: 'Close a rental',
        tag: 'rentals',
        answers: rental,
      },
    ]),
    system('customers', 'Customers', [
      {
        id: 'get_customer',
        at: 'GET /customers/{customerId}',
        summary: 'Get a customer',
        tag: 'customers',
        answers: customer,
      },
      {
        id: 'verify_identity',
        at: 'POST /customers/{customerId}/identity-checks',
        summary: "Verify a customer's identity",
        tag: 'customers',
        answers: thing({ verified: flag, checkedAt: time }),
      },
      {
        id: 'block_customer',
        at: 'POST /customers/{customerId}/block',
        summary: 'Block a customer',
        tag: 'customers',
        body: { reason: text },
        answers: customer,
      },
      {
        id: 'unblock_customer',
        at: 'POST /customers/{customerId}/unblock',
        summary: 'Unblock a customer',
        tag: 'customers',
        answers: customer,
      },
    ]),
    system('payments', 'Payments', [
      {
        id: 'hold_deposit',
        at: 'POST /rentals/{rentalId}/deposit',
        summary: 'Hold the deposit',
        tag: 'payments',
        answers: thing({ held: flag }),
      },
      {
        id: 'release_deposit',
        at: 'DELETE /rentals/{rentalId}/deposit',
        summary: 'Release the deposit',
        tag: 'payments',
        answers: thing({ released: flag }),
      },
      {
        id: 'charge_customer',
        at: 'POST /charges',
        summary: 'Charge a customer',
        tag: 'payments',
        body: { 'customerId!': text, 'amount!': number, reason: text },
        answers: thing({ chargeId: text }),
      },
      {
        id: 'refund_rental',
        at: 'POST /rentals/{rentalId}/refund',
        summary: 'Refund a rental',
        tag: 'payments',
        answers: thing({ refundId: text, amount: number }),
      },
    ]),
    system('workshop', 'Workshop', [
      {
        id: 'create_repair_ticket',
        at: 'POST /tickets',
        summary: 'Create a repair ticket',
        tag: 'tickets',
        body: { 'bikeId!': text, description: text },
        answers: ticket,
      },
      {
        id: 'get_repair_ticket',
        at: 'GET /tickets/{ticketId}',
        summary: 'Get a repair ticket',
        tag: 'tickets',
        answers: ticket,
      },
      {
        id: 'list_repair_tickets',
        at: 'GET /tickets',
        summary: 'List repair tickets',
        tag: 'tickets',
        query: { status: oneOf('open', 'done') },
        answers: thing({ tickets: list(ticket) }),
      },
      {
        id: 'order_part',
        at: 'POST /parts/purchases',
        summary: 'Order a spare part',
        tag: 'parts',
        body: { 'partNumber!': text, 'quantity!': integer },
        answers: thing({ purchaseId: text }),
      },
    ]),
    system('texts', 'Texts', [
      {
        id: 'text_customer',
        at: 'POST /messages',
        summary: 'Send a text to a customer',
        tag: 'messages',
        body: { 'customerId!': text, 'message!': text },
        answers: thing({ messageId: text }),
      },
    ]),
  ],
};

export const rentalPeople = {
  roles: ['owner', 'builder', 'shop-lead', 'mechanic'],
  members: [
    { id: 'mem_priya', name: 'Priya Natarajan', roles: ['shop-lead'] },
    { id: 'mem_jonas', name: 'Jonas Weber', roles: ['mechanic'] },
  ],
};
