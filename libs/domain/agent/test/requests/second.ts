import type { Scenario } from './scenario.js';

const rented = {
  rentalId: 'r1',
  bikeId: 'b1',
  customerId: 'c1',
  total: 80,
  deposit: 100,
  hoursLate: 0,
  ticketId: 't1',
  amount: 5,
};
const visit = {
  appointmentId: 'a1',
  patientId: 'p1',
  ownerId: 'o1',
  invoiceId: 'i1',
  startsAt: 's',
  total: 90,
  text: 'x',
};

/** Written after the planner was tuned on the others, to see how it does on what it was not made for. */
export const secondScenarios: readonly Scenario[] = [
  {
    name: 'closing a rental',
    business: 'rental',
    heldOut: true,
    turns: [
      'Once a rental is closed, release the deposit, set the bike to available and tell the customer "Thanks for riding with us".',
    ],
    trials: [
      {
        input: rented,
        calls: [
          ['release_deposit', { rentalId: 'r1' }],
          ['set_bike_status', { bikeId: 'b1', status: 'available' }],
          ['text_customer', { customerId: 'c1', message: 'Thanks for riding with us' }],
        ],
      },
    ],
  },
  {
    name: 'only good customers',
    business: 'rental',
    heldOut: true,
    turns: [
      'verify the identity of the customer. if that is not ok then block the customer, otherwise create a rental for 4 days and hold the deposit',
    ],
    trials: [
      {
        input: rented,
        world: { verify_identity: { verified: false } },
        calls: [['verify_identity', { customerId: 'c1' }], 'block_customer'],
      },
      {
        input: rented,
        world: { verify_identity: { verified: true } },
        calls: ['verify_identity', ['create_rental', { days: 4 }], 'hold_deposit'],
      },
    ],
  },
  {
    name: 'expensive tickets go to a person',
    business: 'rental',
    heldOut: true,
    turns: [
      'Whenever a repair ticket is opened: if the estimated cost is 100 or more, ask one of the mechanics for approval. Afterwards set the bike to maintenance.',
    ],
    trials: [
      {
        input: { ...rented, estimatedCost: 150 },
        decision: 'approved',
        calls: ['ask:role:mechanic', ['set_bike_status', { status: 'maintenance' }]],
      },
      {
        input: { ...rented, estimatedCost: 150 },
        decision: 'rejected',
        calls: ['ask:role:mechanic'],
      },
      { input: { ...rented, estimatedCost: 20 }, calls: ['set_bike_status'] },
    ],
  },
  {
    name: 'open tickets at night',
    business: 'rental',
    heldOut: true,
    turns: ['Every night at 23:30 get all open repair tickets. For each ticket, locate the bike.'],
    schedule: { cron: '30 23 * * *' },
    trials: [
      {
        world: {
          list_repair_tickets: {
            tickets: [
              { ticketId: 't1', bikeId: 'b1' },
              { ticketId: 't2', bikeId: 'b2' },
            ],
          },
        },
        calls: [
          ['list_repair_tickets', { status: 'open' }],
          ['locate_bike', { bikeId: 'b1' }],
          ['locate_bike', { bikeId: 'b2' }],
        ],
      },
    ],
  },
  {
    name: 'balance and membership',
    business: 'rental',
    heldOut: true,
    turns: [
      'get the customer, and when the outstanding balance is over 50 or they are blocked, text the customer "Please call us", else extend the rental by 2 days',
    ],
    trials: [
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', blocked: true, outstandingBalance: 0 } },
        calls: ['get_customer', 'text_customer'],
      },
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', blocked: false, outstandingBalance: 80 } },
        calls: ['get_customer', 'text_customer'],
      },
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', blocked: false, outstandingBalance: 10 } },
        calls: ['get_customer', ['extend_rental', { days: 2 }]],
      },
    ],
  },
  {
    name: 'nothing that refuels',
    business: 'rental',
    heldOut: true,
    turns: ['When a bike comes back, refuel it and release the deposit'],
    mustAsk: { about: /refuel/i },
  },
  {
    name: 'put the inspection first',
    business: 'rental',
    heldOut: true,
    turns: [
      'Close the rental and release the deposit',
      'Before releasing the deposit, inspect the bike',
    ],
    touches: ['inspect_bike'],
    trials: [{ input: rented, calls: ['close_rental', 'inspect_bike', 'release_deposit'] }],
  },
  {
    name: 'no text any more',
    business: 'rental',
    heldOut: true,
    turns: [
      'Close the rental, text the customer "Bye" and release the deposit',
      "don't text the customer",
    ],
    touches: ['text_customer'],
    trials: [{ input: rented, calls: ['close_rental', 'release_deposit'] }],
  },
  {
    name: 'urine and blood',
    business: 'clinic',
    heldOut: true,
    turns: ['For a new patient, order a blood test and order a urine test at the same time'],
    trials: [
      {
        input: visit,
        anyOrder: true,
        calls: [['orderLabTest', { patientId: 'p1', panel: 'blood' }], 'orderLabTest'],
      },
    ],
  },
  {
    name: 'pay or remind',
    business: 'clinic',
    heldOut: true,
    turns: [
      'create an invoice for the appointment and charge the card; if the card was not paid send a payment reminder after 3 days',
    ],
    trials: [
      {
        input: visit,
        world: { createInvoice: { invoiceId: 'i9' }, chargeCard: { paid: true } },
        calls: ['createInvoice', ['chargeCard', { invoiceId: 'i9' }]],
      },
      {
        input: visit,
        world: { createInvoice: { invoiceId: 'i9' }, chargeCard: { paid: false } },
        calls: ['createInvoice', 'chargeCard', ['sendPaymentReminder', { invoiceId: 'i9' }]],
      },
    ],
  },
  {
    name: 'rabbits',
    business: 'clinic',
    heldOut: true,
    turns: ['Get the patient. If the species is rabbit, add a note "No penicillin".'],
    trials: [
      {
        input: visit,
        world: { getPatient: { patientId: 'p1', species: 'rabbit' } },
        calls: ['getPatient', ['addNote', { patientId: 'p1', text: 'No penicillin' }]],
      },
      {
        input: visit,
        world: { getPatient: { patientId: 'p1', species: 'dog' } },
        calls: ['getPatient'],
      },
    ],
  },
  {
    name: 'two of that name',
    business: 'clinic',
    heldOut: true,
    turns: ['Have Dr. Brown approve, then cancel the appointment'],
    mustAsk: { about: /brown/i },
  },
  {
    name: 'booking after approval by name',
    business: 'clinic',
    heldOut: true,
    turns: ['Tom Becker has to approve it first. Then reschedule the appointment.'],
    trials: [
      {
        input: visit,
        decision: 'approved',
        calls: ['ask:member:mem_tom', ['rescheduleAppointment', { appointmentId: 'a1' }]],
      },
      { input: visit, decision: 'rejected', calls: ['ask:member:mem_tom'] },
    ],
  },
  {
    name: 'order more when it runs low',
    business: 'clinic',
    heldOut: true,
    turns: [
      'Each Friday at 4pm check the medication "amoxicillin" and if there are less than 10 units left reorder 50',
    ],
    schedule: { cron: '0 16 * * 5' },
    trials: [
      {
        world: { checkMedication: { medication: 'amoxicillin', available: true, unitsLeft: 4 } },
        calls: [
          ['checkMedication', { medication: 'amoxicillin' }],
          ['reorderMedication', { medication: 'amoxicillin', quantity: 50 }],
        ],
      },
      {
        world: { checkMedication: { medication: 'amoxicillin', available: true, unitsLeft: 40 } },
        calls: ['checkMedication'],
      },
    ],
  },
  {
    name: 'skip when paid',
    business: 'clinic',
    heldOut: true,
    turns: [
      'Create an invoice and send a payment reminder',
      'also check the insurance first and skip the reminder if the patient is covered',
    ],
    touches: ['checkInsurance', 'sendPaymentReminder'],
    trials: [
      {
        input: visit,
        world: { checkInsurance: { covered: true, percent: 100 } },
        calls: ['checkInsurance', 'createInvoice'],
      },
      {
        input: visit,
        world: { checkInsurance: { covered: false, percent: 0 } },
        calls: ['checkInsurance', 'createInvoice', 'sendPaymentReminder'],
      },
    ],
  },
  {
    name: 'the head vet as well',
    business: 'clinic',
    heldOut: true,
    turns: [
      'When an appointment is cancelled refund the payment',
      'the head vet should sign off when the total is higher than 250',
    ],
    touches: ['ask:head-vet'],
    trials: [
      {
        input: { ...visit, total: 300 },
        decision: 'approved',
        calls: ['ask:role:head-vet', 'refundPayment'],
      },
      { input: { ...visit, total: 300 }, decision: 'rejected', calls: ['ask:role:head-vet'] },
      { input: { ...visit, total: 100 }, calls: ['refundPayment'] },
    ],
  },
];
