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

/** An animal clinic: appointments, records, laboratory, billing, pharmacy and messages. */
const appointment = thing({
  appointmentId: text,
  patientId: text,
  ownerId: text,
  vetId: text,
  startsAt: time,
  reason: text,
  status: oneOf('booked', 'checked-in', 'done', 'cancelled', 'no-show'),
});

const patient = thing({
  patientId: text,
  name: text,
  species: oneOf('dog', 'cat', 'rabbit', 'bird', 'other'),
  weightKg: number,
  ownerId: text,
  insured: about(flag, 'Whether there is an insurance policy.'),
  vaccinationStatus: oneOf('current', 'overdue', 'unknown'),
  allergies: list(text),
});

const owner = thing({ ownerId: text, name: text, email: text, phone: text, city: text });

const invoice = thing({
  invoiceId: text,
  ownerId: text,
  appointmentId: text,
  total: about(number, 'What is to be paid.'),
  status: oneOf('open', 'paid', 'cancelled'),
  daysOverdue: integer,
});

export const clinic: Catalogue = {
  connectors: [
    system('appointments', 'Appointment book', [
      {
        id: 'listAppointments',
        at: 'GET /appointments',
        summary: 'List appointments',
        query: { date: day, status: oneOf('booked', 'checked-in', 'done', 'cancelled', 'no-show') },
        answers: thing({ appointments: list(appointment) }),
      },
      {
        id: 'getAppointment',
        at: 'GET /appointments/{appointmentId}',
        summary: 'Get an appointment',
        answers: appointment,
      },
      {
        id: 'findFreeSlots',
        at: 'GET /slots',
        summary: 'Find free slots',
        description: 'Times at which a vet is free.',
        query: { 'date!': day, vetId: text },
        answers: thing({ available: flag, slots: list(thing({ startsAt: time, vetId: text })) }),
      },
      {
        id: 'bookAppointment',
        at: 'POST /appointments',
        summary: 'Book an appointment',
        body: { 'patientId!': text, 'startsAt!': time, reason: text, vetId: text },
        answers: appointment,
      },
      {
        id: 'rescheduleAppointment',
        at: 'POST /appointments/{appointmentId}/reschedule',
        summary: 'Move an appointment to another time',
        body: { 'startsAt!': time },
        answers: appointment,
      },
      {
        id: 'cancelAppointment',
        at: 'POST /appointments/{appointmentId}/cancel',
        summary: 'Cancel an appointment',
        body: { reason: text },
        answers: appointment,
      },
      {
        id: 'checkInPatient',
        at: 'POST /appointments/{appointmentId}/check-in',
        summary: 'Check a patient in',
        answers: appointment,
      },
    ]),
    system('records', 'Patient records', [
      {
        id: 'getPatient',
        at: 'GET /patients/{patientId}',
        summary: 'Get a patient',
        description: 'The record of one animal.',
        answers: patient,
      },
      {
        id: 'listPatients',
        at: 'GET /patients',
        summary: 'List patients',
        query: {
          species: oneOf('dog', 'cat', 'rabbit', 'bird', 'other'),
          vaccinationStatus: oneOf('current', 'overdue', 'unknown'),
        },
        answers: thing({ patients: list(patient) }),
      },
      {
        id: 'registerPatient',
        at: 'POST /patients',
        summary: 'Register a patient',
        body: {
          'name!': text,
          'species!': oneOf('dog', 'cat', 'rabbit', 'bird', 'other'),
          'ownerId!': text,
        },
        answers: patient,
      },
      {
        id: 'addNote',
        at: 'POST /patients/{patientId}/notes',
        summary: 'Add a note to a patient record',
        body: { 'text!': text },
        answers: thing({ noteId: text }),
      },
      {
        id: 'getOwner',
        at: 'GET /owners/{ownerId}',
        summary: 'Get an owner',
        description: 'Name and contact of the person an animal belongs to.',
        answers: owner,
      },
    ]),
    system('lab', 'Laboratory', [
      {
        id: 'orderLabTest',
        at: 'POST /tests',
        summary: 'Order a lab test',
        body: { 'patientId!': text, 'panel!': oneOf('blood', 'urine', 'allergy') },
        answers: thing({ testId: text, status: oneOf('ordered', 'running', 'final') }),
      },
      {
        id: 'getLabResult',
        at: 'GET /tests/{testId}/result',
        summary: 'Get a lab result',
        answers: thing({
          testId: text,
          status: oneOf('ordered', 'running', 'final'),
          abnormal: about(flag, 'True when a value is out of range.'),
        }),
      },
    ]),
    system('billing', 'Billing', [
      {
        id: 'createInvoice',
        at: 'POST /invoices',
        summary: 'Create an invoice',
        body: { 'appointmentId!': text },
        answers: invoice,
      },
      {
        id: 'listInvoices',
        at: 'GET /invoices',
        summary: 'List invoices',
        query: { status: oneOf('open', 'paid', 'cancelled'), overdueOnly: flag },
        answers: thing({ invoices: list(invoice) }),
      },
      {
        id: 'chargeCard',
        at: 'POST /invoices/{invoiceId}/charge',
        summary: 'Charge the card on file',
        answers: thing({ paid: flag, paymentId: text }),
      },
      {
        id: 'sendPaymentReminder',
        at: 'POST /invoices/{invoiceId}/reminders',
        summary: 'Send a payment reminder',
        answers: thing({ sentAt: time }),
      },
      {
        id: 'refundPayment',
        at: 'POST /invoices/{invoiceId}/refund',
        summary: 'Refund a payment',
        body: { amount: number, reason: text },
        answers: invoice,
      },
      {
        id: 'checkInsurance',
        at: 'GET /insurance/{patientId}',
        summary: 'Check insurance cover',
        answers: thing({ covered: flag, percent: number }),
      },
    ]),
    system('pharmacy', 'Pharmacy', [
      {
        id: 'checkMedication',
        at: 'GET /medications/{medication}',
        summary: 'Check a medication',
        description: 'How many units are on the shelf.',
        answers: thing({ medication: text, available: flag, unitsLeft: integer }),
      },
      {
        id: 'dispenseMedication',
        at: 'POST /dispensations',
        summary: 'Dispense a medication',
        body: { 'patientId!': text, 'medication!': text, 'quantity!': integer },
        answers: thing({ dispensationId: text }),
      },
      {
        id: 'reorderMedication',
        at: 'POST /medications/{medication}/reorder',
        summary: 'Reorder a medication from the wholesaler',
        body: { 'quantity!': integer },
        answers: thing({ purchaseId: text }),
      },
    ]),
    system('messages', 'Messages', [
      {
        id: 'sendSms',
        at: 'POST /sms',
        summary: 'Send an SMS',
        body: { 'to!': about(text, 'Phone number.'), 'text!': text },
        answers: thing({ messageId: text }),
      },
      {
        id: 'sendEmail',
        at: 'POST /emails',
        summary: 'Send an email',
        body: { 'to!': about(text, 'Email address.'), 'subject!': text, 'body!': text },
        answers: thing({ messageId: text }),
      },
    ]),
  ],
};

export const clinicPeople = {
  roles: ['owner', 'builder', 'head-vet', 'receptionist'],
  members: [
    { id: 'mem_maya', name: 'Maya Lindqvist', roles: ['head-vet'] },
    { id: 'mem_tom', name: 'Tom Becker', roles: ['receptionist'] },
  ],
};
