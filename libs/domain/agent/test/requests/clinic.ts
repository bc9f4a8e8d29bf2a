import type { Scenario } from './scenario.js';

const booked = {
  appointmentId: 'a1',
  patientId: 'p1',
  ownerId: 'o1',
  startsAt: '2035-03-01T09:00:00Z',
};
const checkAndBook =
  'When someone asks for an appointment, find a free slot. If there is one, book the appointment and text the owner, otherwise email the owner.';

export const clinicScenarios: readonly Scenario[] = [
  {
    name: 'cancel and refund',
    business: 'clinic',
    turns: [
      'When an appointment is cancelled, refund the payment and add a note to the patient record saying "Cancelled by the owner"',
    ],
    trials: [
      {
        input: { ...booked, invoiceId: 'i1' },
        calls: [
          ['refundPayment', { invoiceId: 'i1' }],
          ['addNote', { patientId: 'p1', text: 'Cancelled by the owner' }],
        ],
      },
    ],
  },
  {
    name: 'insurance decides',
    business: 'clinic',
    turns: [
      'After a visit is done create the invoice. Check the insurance cover and if the patient is covered, charge the card, else send a payment reminder.',
    ],
    trials: [
      {
        input: booked,
        world: {
          checkInsurance: { covered: true, percent: 80 },
          createInvoice: { invoiceId: 'i7' },
        },
        calls: [
          'createInvoice',
          ['checkInsurance', { patientId: 'p1' }],
          ['chargeCard', { invoiceId: 'i7' }],
        ],
      },
      {
        input: booked,
        world: {
          checkInsurance: { covered: false, percent: 0 },
          createInvoice: { invoiceId: 'i7' },
        },
        calls: ['createInvoice', 'checkInsurance', ['sendPaymentReminder', { invoiceId: 'i7' }]],
      },
    ],
  },
  {
    name: 'daily reminders',
    business: 'clinic',
    heldOut: true,
    turns: [
      'Every weekday at 8:30 go through the overdue invoices and send a payment reminder for each',
    ],
    schedule: { cron: '30 8 * * 1-5' },
    trials: [
      {
        world: { listInvoices: { invoices: [{ invoiceId: 'i1' }, { invoiceId: 'i2' }] } },
        calls: [
          ['listInvoices', { overdueOnly: true }],
          ['sendPaymentReminder', { invoiceId: 'i1' }],
          ['sendPaymentReminder', { invoiceId: 'i2' }],
        ],
      },
    ],
  },
  {
    name: 'lab with a wait',
    business: 'clinic',
    turns: [
      'Order a blood test for the patient, wait 2 hours, then get the lab result. If it is abnormal ask the head vet to approve and then book an appointment.',
    ],
    trials: [
      {
        input: { patientId: 'p1' },
        world: {
          orderLabTest: { testId: 't1', status: 'ordered' },
          getLabResult: { testId: 't1', status: 'final', abnormal: true },
        },
        decision: 'approved',
        calls: [
          ['orderLabTest', { patientId: 'p1', panel: 'blood' }],
          ['getLabResult', { testId: 't1' }],
          'ask:role:head-vet',
          ['bookAppointment', { patientId: 'p1' }],
        ],
      },
      {
        input: { patientId: 'p1' },
        world: {
          orderLabTest: { testId: 't1', status: 'ordered' },
          getLabResult: { testId: 't1', status: 'final', abnormal: true },
        },
        decision: 'rejected',
        calls: ['orderLabTest', 'getLabResult', 'ask:role:head-vet'],
      },
      {
        input: { patientId: 'p1' },
        world: {
          orderLabTest: { testId: 't1', status: 'ordered' },
          getLabResult: { testId: 't1', status: 'final', abnormal: false },
        },
        calls: ['orderLabTest', 'getLabResult'],
      },
    ],
  },
  {
    name: 'medication on the shelf',
    business: 'clinic',
    turns: [
      'Check the medication. Unless it is available reorder 20 of it. Otherwise dispense it to the patient.',
    ],
    trials: [
      {
        input: { medication: 'm', patientId: 'p1', quantity: 2 },
        world: { checkMedication: { medication: 'm', available: true, unitsLeft: 5 } },
        calls: [
          ['checkMedication', { medication: 'm' }],
          ['dispenseMedication', { patientId: 'p1', medication: 'm', quantity: 2 }],
        ],
      },
      {
        input: { medication: 'm', patientId: 'p1' },
        world: { checkMedication: { medication: 'm', available: false, unitsLeft: 0 } },
        calls: ['checkMedication', ['reorderMedication', { medication: 'm', quantity: 20 }]],
      },
    ],
  },
  {
    name: 'refund over a limit',
    business: 'clinic',
    heldOut: true,
    turns: [
      'A client wants their money back: get the invoice list of open ones, no wait, just refund the payment. The head vet has to approve if the total is more than 300.',
    ],
    trials: [
      {
        input: { invoiceId: 'i1', total: 400 },
        decision: 'approved',
        calls: ['ask:role:head-vet', ['refundPayment', { invoiceId: 'i1' }]],
      },
    ],
  },
  {
    name: 'parallel checks',
    business: 'clinic',
    turns: [
      'When an appointment is booked, look up the patient and check the insurance at the same time, then email the owner "See you soon"',
    ],
    trials: [
      {
        input: { ...booked, email: 'x@y.z', to: 'x@y.z', subject: 's' },
        mayAlso: ['getOwner'],
        anyOrder: true,
        calls: [
          ['getPatient', { patientId: 'p1' }],
          ['checkInsurance', { patientId: 'p1' }],
          'sendEmail',
        ],
      },
    ],
  },
  {
    name: 'text the owner with their number',
    business: 'clinic',
    turns: ['Get the patient, get the owner and send them an SMS saying "Your pet is ready"'],
    trials: [
      {
        input: { patientId: 'p1' },
        world: {
          getPatient: { patientId: 'p1', ownerId: 'o9' },
          getOwner: { ownerId: 'o9', phone: '+41', email: 'e' },
        },
        calls: [
          ['getPatient', { patientId: 'p1' }],
          ['getOwner', { ownerId: 'o9' }],
          ['sendSms', { to: '+41', text: 'Your pet is ready' }],
        ],
      },
    ],
  },
  {
    name: 'slot or apology',
    business: 'clinic',
    heldOut: true,
    turns: [checkAndBook],
    trials: [
      {
        input: { ...booked, date: '2035-03-01', to: 'x' },
        world: { findFreeSlots: { available: true, slots: [{ startsAt: 's', vetId: 'v' }] } },
        mayAlso: ['getOwner'],
        calls: ['findFreeSlots', ['bookAppointment', { patientId: 'p1' }], 'sendSms'],
      },
      {
        input: { ...booked, date: '2035-03-01', to: 'x' },
        world: { findFreeSlots: { available: false, slots: [] } },
        mayAlso: ['getOwner'],
        calls: ['findFreeSlots', 'sendEmail'],
      },
    ],
  },
  {
    name: 'numbered list',
    business: 'clinic',
    turns: [
      '1. check the patient in\n2. get the patient\n3. if the vaccination status is overdue, add a note "Vaccinate today"\n4. create an invoice',
    ],
    trials: [
      {
        input: booked,
        world: { getPatient: { patientId: 'p1', vaccinationStatus: 'overdue' } },
        calls: [
          ['checkInPatient', { appointmentId: 'a1' }],
          'getPatient',
          ['addNote', { text: 'Vaccinate today' }],
          ['createInvoice', { appointmentId: 'a1' }],
        ],
      },
      {
        input: booked,
        world: { getPatient: { patientId: 'p1', vaccinationStatus: 'current' } },
        calls: ['checkInPatient', 'getPatient', 'createInvoice'],
      },
    ],
  },
  {
    name: 'retry then give up',
    business: 'clinic',
    turns: [
      'Create an invoice for the appointment and charge the card, retry up to 3 times. If it still fails send a payment reminder.',
    ],
    trials: [
      {
        input: booked,
        world: { createInvoice: { invoiceId: 'i1' } },
        calls: ['createInvoice', ['chargeCard', { invoiceId: 'i1' }]],
      },
      {
        input: booked,
        world: { createInvoice: { invoiceId: 'i1' }, chargeCard: 'fail' },
        calls: [
          'createInvoice',
          'chargeCard',
          'chargeCard',
          'chargeCard',
          'chargeCard',
          ['sendPaymentReminder', { invoiceId: 'i1' }],
        ],
      },
    ],
  },
  {
    name: 'heavy dogs',
    business: 'clinic',
    heldOut: true,
    turns: [
      'when a patient is registered, if the weight is at least 40 order a blood test, and in any case book an appointment',
    ],
    trials: [
      {
        input: { patientId: 'p1', weightKg: 55, startsAt: 'x' },
        calls: [
          ['orderLabTest', { patientId: 'p1', panel: 'blood' }],
          ['bookAppointment', { patientId: 'p1' }],
        ],
      },
      { input: { patientId: 'p1', weightKg: 12, startsAt: 'x' }, calls: ['bookAppointment'] },
    ],
  },
  {
    name: 'first of the month',
    business: 'clinic',
    turns: [
      'On the first of every month at 7am, list the patients with overdue vaccination and for each of them add a note "Vaccination is due"',
    ],
    schedule: { cron: '0 7 1 * *' },
    trials: [
      {
        world: { listPatients: { patients: [{ patientId: 'p1' }, { patientId: 'p2' }] } },
        calls: [
          ['listPatients', { vaccinationStatus: 'overdue' }],
          ['addNote', { patientId: 'p1' }],
          ['addNote', { patientId: 'p2' }],
        ],
      },
    ],
  },
  {
    name: 'no-shows',
    business: 'clinic',
    turns: [
      'Every evening at 6, for each no-show appointment send an SMS to the owner "We missed you"',
    ],
    schedule: { cron: '0 18 * * *' },
    trials: [
      {
        world: {
          listAppointments: { appointments: [{ appointmentId: 'a1', ownerId: 'o1' }] },
          getOwner: { ownerId: 'o1', phone: '+1', email: 'e' },
        },
        calls: [
          ['listAppointments', { status: 'no-show' }],
          ['getOwner', { ownerId: 'o1' }],
          ['sendSms', { to: '+1', text: 'We missed you' }],
        ],
      },
    ],
  },
  // Must ask
  {
    name: 'no such operation',
    business: 'clinic',
    turns: ['When an appointment is booked, send a fax to the insurer and check the insurance'],
    mustAsk: { about: /fax/i, without: ['sendSms', 'sendEmail'] },
  },
  {
    name: 'nobody of that name',
    business: 'clinic',
    turns: ['Ask the chief accountant to approve and then refund the payment'],
    mustAsk: { about: /accountant/i },
  },
  {
    name: 'unclear value',
    business: 'clinic',
    heldOut: true,
    turns: ['Get the lab result and if the severity is above 3 book an appointment'],
    mustAsk: { about: /severity/i },
  },
  {
    name: 'which lab panel',
    business: 'clinic',
    turns: ['When a patient is registered order a lab test'],
    mustAsk: { about: /panel/i },
  },
  {
    name: 'answer to who',
    business: 'clinic',
    turns: ['Ask the boss to approve and then refund the payment', 'Maya Lindqvist'],
    trials: [
      {
        input: { invoiceId: 'i1' },
        decision: 'approved',
        calls: ['ask:member:mem_maya', ['refundPayment', { invoiceId: 'i1' }]],
      },
    ],
  },
  // Edits
  {
    name: 'also note it',
    business: 'clinic',
    turns: [
      'When an appointment is cancelled, refund the payment',
      'also add a note to the patient that says "Refunded"',
    ],
    touches: ['addNote'],
    trials: [
      {
        input: { ...booked, invoiceId: 'i1' },
        calls: ['refundPayment', ['addNote', { patientId: 'p1', text: 'Refunded' }]],
      },
    ],
  },
  {
    name: 'email instead of sms',
    business: 'clinic',
    turns: [
      'Get the owner and send them an SMS "Hello". Then create an invoice.',
      'send an email instead of the SMS',
    ],
    touches: ['sendSms', 'sendEmail'],
    trials: [
      {
        input: { ownerId: 'o1', appointmentId: 'a1', subject: 's', body: 'b' },
        calls: ['getOwner', 'sendEmail', 'createInvoice'],
      },
    ],
  },
  {
    name: 'drop the test',
    business: 'clinic',
    heldOut: true,
    turns: [
      'Check the patient in, order a urine test and create an invoice',
      "we don't need the urine test any more",
    ],
    touches: ['orderLabTest'],
    trials: [{ input: booked, calls: ['checkInPatient', 'createInvoice'] }],
  },
  {
    name: 'first check the cover',
    business: 'clinic',
    turns: ['Create an invoice and charge the card', 'first check the insurance'],
    touches: ['checkInsurance'],
    trials: [{ input: booked, calls: ['checkInsurance', 'createInvoice', 'chargeCard'] }],
  },
  {
    name: 'raise the limit',
    business: 'clinic',
    turns: [
      'When an invoice is created ask the head vet to approve if the total is above 500, then charge the card',
      'change the threshold to 800',
    ],
    touches: ['ask:head-vet'],
    trials: [
      { input: { invoiceId: 'i1', total: 600 }, calls: ['chargeCard'] },
      {
        input: { invoiceId: 'i1', total: 900 },
        decision: 'approved',
        calls: ['ask:role:head-vet', 'chargeCard'],
      },
    ],
  },
  {
    name: 'approval before the refund',
    business: 'clinic',
    turns: [
      'When an appointment is cancelled, refund the payment, then add a note "Refunded"',
      'before the refund, ask Maya for approval',
    ],
    touches: ['ask:mem_maya'],
    trials: [
      {
        input: { ...booked, invoiceId: 'i1' },
        decision: 'approved',
        calls: ['ask:member:mem_maya', 'refundPayment', 'addNote'],
      },
      {
        input: { ...booked, invoiceId: 'i1' },
        decision: 'rejected',
        calls: ['ask:member:mem_maya'],
      },
    ],
  },
  {
    name: 'wait longer',
    business: 'clinic',
    heldOut: true,
    turns: [
      'Order a blood test, wait 30 minutes and get the lab result',
      'make it wait 2 hours instead of 30 minutes',
    ],
    touches: ['wait'],
    trials: [
      {
        input: { patientId: 'p1' },
        world: { orderLabTest: { testId: 't1', status: 'ordered' } },
        calls: ['orderLabTest', ['getLabResult', { testId: 't1' }]],
      },
    ],
  },
  {
    name: 'only for the insured',
    business: 'clinic',
    turns: [
      'Get the patient, check the insurance and create an invoice',
      'only check the insurance if the patient is insured',
    ],
    touches: ['checkInsurance'],
    trials: [
      {
        input: booked,
        world: { getPatient: { patientId: 'p1', insured: false } },
        calls: ['getPatient', 'createInvoice'],
      },
      {
        input: booked,
        world: { getPatient: { patientId: 'p1', insured: true } },
        calls: ['getPatient', 'checkInsurance', 'createInvoice'],
      },
    ],
  },
];
