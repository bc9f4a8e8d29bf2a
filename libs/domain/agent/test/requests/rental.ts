import type { Scenario } from './scenario.js';

const rented = {
  rentalId: 'r1',
  bikeId: 'b1',
  customerId: 'c1',
  total: 80,
  deposit: 100,
  hoursLate: 0,
};
const returned =
  'When a customer returns a bike, inspect it. If it is damaged, create a repair ticket and charge the customer the repair cost, otherwise release the deposit. Then close the rental.';

export const rentalScenarios: readonly Scenario[] = [
  {
    name: 'return of a bike',
    business: 'rental',
    turns: [returned],
    trials: [
      {
        input: rented,
        world: { inspect_bike: { damaged: true, repairCost: 45 } },
        calls: [
          ['inspect_bike', { bikeId: 'b1' }],
          ['create_repair_ticket', { bikeId: 'b1' }],
          ['charge_customer', { customerId: 'c1', amount: 45 }],
          ['close_rental', { rentalId: 'r1' }],
        ],
      },
      {
        input: rented,
        world: { inspect_bike: { damaged: false, repairCost: 0 } },
        calls: ['inspect_bike', ['release_deposit', { rentalId: 'r1' }], 'close_rental'],
      },
    ],
  },
  {
    name: 'new rental',
    business: 'rental',
    turns: [
      'When someone requests a rental, check the availability and verify the customer\'s identity. If both are ok, create the rental for 3 days and hold the deposit. If not, text the customer "Sorry, not possible".',
    ],
    trials: [
      {
        input: { ...rented, model: 'm', date: 'd' },
        world: {
          check_availability: { available: true, bikesFree: 2 },
          verify_identity: { verified: true },
          create_rental: { ...rented, rentalId: 'r2' },
        },
        calls: [
          'check_availability',
          ['verify_identity', { customerId: 'c1' }],
          ['create_rental', { bikeId: 'b1', customerId: 'c1', days: 3 }],
          'hold_deposit',
        ],
      },
      {
        input: { ...rented, model: 'm', date: 'd' },
        world: {
          check_availability: { available: true, bikesFree: 2 },
          verify_identity: { verified: false },
        },
        calls: [
          'check_availability',
          'verify_identity',
          ['text_customer', { customerId: 'c1', message: 'Sorry, not possible' }],
        ],
      },
    ],
  },
  {
    name: 'overdue rentals',
    business: 'rental',
    turns: ['every hour, for each overdue rental text the customer that the bike is late'],
    schedule: { every: { hours: 1 } },
    trials: [
      {
        world: {
          list_rentals: {
            rentals: [
              { rentalId: 'r1', customerId: 'c1' },
              { rentalId: 'r2', customerId: 'c2' },
            ],
          },
        },
        calls: [
          ['list_rentals', { status: 'overdue' }],
          ['text_customer', { customerId: 'c1' }],
          ['text_customer', { customerId: 'c2' }],
        ],
      },
    ],
  },
  {
    name: 'late fee',
    business: 'rental',
    heldOut: true,
    turns: [
      'Get the rental. When it is more than 24 hours late block the customer and locate the bike, else extend the rental by 1 day',
    ],
    trials: [
      {
        input: rented,
        world: { get_rental: { ...rented, hoursLate: 30 } },
        calls: [
          'get_rental',
          ['block_customer', { customerId: 'c1' }],
          ['locate_bike', { bikeId: 'b1' }],
        ],
      },
      {
        input: rented,
        world: { get_rental: { ...rented, hoursLate: 3 } },
        calls: ['get_rental', ['extend_rental', { rentalId: 'r1', days: 1 }]],
      },
    ],
  },
  {
    name: 'expensive repairs',
    business: 'rental',
    turns: [
      'Inspect the bike and create a repair ticket. The shop lead must approve if the repair cost exceeds 150. Then set the bike to maintenance.',
    ],
    trials: [
      {
        input: rented,
        world: { inspect_bike: { damaged: true, repairCost: 200 } },
        decision: 'approved',
        calls: [
          'inspect_bike',
          'create_repair_ticket',
          'ask:role:shop-lead',
          ['set_bike_status', { bikeId: 'b1', status: 'maintenance' }],
        ],
      },
      {
        input: rented,
        world: { inspect_bike: { damaged: true, repairCost: 100 } },
        calls: ['inspect_bike', 'create_repair_ticket', 'set_bike_status'],
      },
    ],
  },
  {
    name: 'blocked customers',
    business: 'rental',
    turns: [
      'Look up the customer; if they are blocked, ask Priya for her ok, else create a rental for 2 days',
    ],
    trials: [
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', blocked: true } },
        decision: 'approved',
        calls: ['get_customer', 'ask:member:mem_priya'],
      },
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', blocked: false } },
        calls: ['get_customer', ['create_rental', { days: 2 }]],
      },
    ],
  },
  {
    name: 'gold members skip the deposit',
    business: 'rental',
    heldOut: true,
    turns: [
      'When a rental is created get the customer and hold the deposit unless the membership is gold',
    ],
    trials: [
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', membership: 'gold' } },
        calls: ['get_customer'],
      },
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', membership: 'none' } },
        calls: ['get_customer', 'hold_deposit'],
      },
    ],
  },
  {
    name: 'refund with sign-off',
    business: 'rental',
    turns: [
      'Get approval from the owner, then refund the rental and let the customer know that the money is on its way',
    ],
    trials: [
      {
        input: rented,
        decision: 'approved',
        calls: [
          'ask:role:owner',
          ['refund_rental', { rentalId: 'r1' }],
          ['text_customer', { customerId: 'c1' }],
        ],
      },
      { input: rented, decision: 'rejected', calls: ['ask:role:owner'] },
    ],
  },
  {
    name: 'approved or not',
    business: 'rental',
    turns: [
      'Ask a mechanic to approve. If approved set the bike to available, if rejected create a repair ticket.',
    ],
    trials: [
      {
        input: rented,
        decision: 'approved',
        calls: ['ask:role:mechanic', ['set_bike_status', { status: 'available' }]],
      },
      { input: rented, decision: 'rejected', calls: ['ask:role:mechanic', 'create_repair_ticket'] },
    ],
  },
  {
    name: 'after a day',
    business: 'rental',
    heldOut: true,
    turns: [
      'Hold the deposit, after 24 hours get the rental and if it is closed release the deposit',
    ],
    trials: [
      {
        input: rented,
        world: { get_rental: { ...rented, status: 'closed' } },
        calls: ['hold_deposit', 'get_rental', 'release_deposit'],
      },
      {
        input: rented,
        world: { get_rental: { ...rented, status: 'active' } },
        calls: ['hold_deposit', 'get_rental'],
      },
    ],
  },
  {
    name: 'weekly round through the fleet',
    business: 'rental',
    turns: [
      "Each Monday at 6:30 list the bikes in maintenance. For every bike, inspect it and if it isn't damaged set it to available.",
    ],
    schedule: { cron: '30 6 * * 1' },
    trials: [
      {
        world: {
          list_bikes: { bikes: [{ bikeId: 'b1' }] },
          inspect_bike: { damaged: false, repairCost: 0 },
        },
        calls: [
          ['list_bikes', { status: 'maintenance' }],
          ['inspect_bike', { bikeId: 'b1' }],
          ['set_bike_status', { bikeId: 'b1', status: 'available' }],
        ],
      },
    ],
  },
  {
    name: 'spare parts',
    business: 'rental',
    turns: ['order 4 of part "BRK-220" and then create a repair ticket for the bike'],
    trials: [
      {
        input: rented,
        calls: [
          ['order_part', { partNumber: 'BRK-220', quantity: 4 }],
          ['create_repair_ticket', { bikeId: 'b1' }],
        ],
      },
    ],
  },
  {
    name: 'fallback on failure',
    business: 'rental',
    heldOut: true,
    turns: [
      'When a rental ends, release the deposit. If that fails, text the customer "We will refund you by hand". Afterwards close the rental.',
    ],
    trials: [{ input: rented, calls: ['release_deposit', 'close_rental'] }],
  },
  {
    name: 'many days',
    business: 'rental',
    turns: ['Extend the rental by 7 days provided the customer is not blocked'],
    trials: [
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', blocked: false } },
        calls: ['get_customer', ['extend_rental', { rentalId: 'r1', days: 7 }]],
      },
      {
        input: rented,
        world: { get_customer: { customerId: 'c1', blocked: true } },
        calls: ['get_customer'],
      },
    ],
  },
  // Must ask
  {
    name: 'unknown thing to do',
    business: 'rental',
    turns: ['When a bike is stolen, file a police report and block the customer'],
    mustAsk: { about: /police/i },
  },
  {
    name: 'unknown person',
    business: 'rental',
    heldOut: true,
    turns: ['Refund the rental after the regional director signs off'],
    mustAsk: { about: /director/i },
  },
  {
    name: 'which status',
    business: 'rental',
    turns: ['Set the bike status and then close the rental'],
    mustAsk: { about: /status/i },
  },
  {
    name: 'answer by number',
    business: 'rental',
    turns: ['Set the bike status and then close the rental', 'the third one'],
    trials: [
      {
        input: rented,
        calls: [['set_bike_status', { bikeId: 'b1', status: 'maintenance' }], 'close_rental'],
      },
    ],
  },
  // Edits
  {
    name: 'also block them',
    business: 'rental',
    turns: [returned, 'if it is damaged also block the customer'],
    touches: ['block_customer'],
    trials: [
      {
        input: rented,
        world: { inspect_bike: { damaged: true, repairCost: 45 } },
        calls: [
          'inspect_bike',
          'create_repair_ticket',
          'charge_customer',
          'block_customer',
          'close_rental',
        ],
        anyOrder: true,
      },
      {
        input: rented,
        world: { inspect_bike: { damaged: false, repairCost: 0 } },
        calls: ['inspect_bike', 'release_deposit', 'close_rental'],
      },
    ],
  },
  {
    name: 'text after the ticket',
    business: 'rental',
    turns: [returned, 'after creating the ticket, text the customer "We found some damage"'],
    touches: ['text_customer'],
    trials: [
      {
        input: rented,
        world: { inspect_bike: { damaged: true, repairCost: 45 } },
        calls: [
          'inspect_bike',
          'create_repair_ticket',
          ['text_customer', { message: 'We found some damage' }],
          'charge_customer',
          'close_rental',
        ],
      },
    ],
  },
  {
    name: 'no charge',
    business: 'rental',
    turns: [returned, 'Please remove the charge to the customer.'],
    touches: ['charge_customer'],
    trials: [
      {
        input: rented,
        world: { inspect_bike: { damaged: true, repairCost: 45 } },
        calls: ['inspect_bike', 'create_repair_ticket', 'close_rental'],
      },
    ],
  },
  {
    name: 'another approver',
    business: 'rental',
    heldOut: true,
    turns: [
      'Get approval from the shop lead and then refund the rental',
      'the owner should approve instead of the shop lead',
    ],
    touches: ['ask:owner', 'ask:shop-lead'],
    trials: [{ input: rented, decision: 'approved', calls: ['ask:role:owner', 'refund_rental'] }],
  },
  {
    name: 'retry the hold',
    business: 'rental',
    turns: [
      'Create a rental for 1 day, hold the deposit and set the bike to rented',
      'retry holding the deposit up to 2 times',
    ],
    touches: ['hold_deposit'],
    trials: [
      {
        input: rented,
        world: { hold_deposit: 'fail' },
        calls: ['create_rental', 'hold_deposit', 'hold_deposit', 'hold_deposit'],
      },
    ],
  },
  {
    name: 'replace a step',
    business: 'rental',
    turns: [
      'Get the rental, charge the customer 25 and close the rental',
      'replace the charge with a refund of the rental',
    ],
    touches: ['charge_customer', 'refund_rental'],
    trials: [{ input: rented, calls: ['get_rental', 'refund_rental', 'close_rental'] }],
  },
  {
    name: 'approval above an amount',
    business: 'rental',
    heldOut: true,
    turns: ['Get the rental and refund it', 'Ask the shop lead first when the total is over 100'],
    touches: ['ask:shop-lead'],
    trials: [
      {
        input: rented,
        world: { get_rental: { ...rented, total: 120 } },
        decision: 'rejected',
        calls: ['get_rental', 'ask:role:shop-lead'],
      },
      {
        input: rented,
        world: { get_rental: { ...rented, total: 90 } },
        calls: ['get_rental', 'refund_rental'],
      },
    ],
  },
  {
    name: 'on a schedule instead',
    business: 'rental',
    turns: [
      'List the overdue rentals and for each one block the customer',
      'run this every day at 22:00',
    ],
    touches: [],
    schedule: { cron: '0 22 * * *' },
    trials: [
      {
        world: { list_rentals: { rentals: [{ rentalId: 'r1', customerId: 'c9' }] } },
        calls: ['list_rentals', ['block_customer', { customerId: 'c9' }]],
      },
    ],
  },
  {
    name: 'side by side',
    business: 'rental',
    heldOut: true,
    turns: [
      'Get the customer, get the bike, then create a rental for 5 days',
      'get the customer and the bike in parallel',
    ],
    touches: ['get_customer', 'get_bike'],
    trials: [
      {
        input: rented,
        anyOrder: true,
        calls: ['get_customer', 'get_bike', ['create_rental', { days: 5 }]],
      },
    ],
  },
  {
    name: 'when it fails',
    business: 'rental',
    turns: [
      'Hold the deposit and set the bike to rented',
      'if holding the deposit fails, text the customer "Your card was declined"',
    ],
    touches: ['hold_deposit', 'text_customer'],
    trials: [
      {
        input: rented,
        world: { hold_deposit: 'fail' },
        calls: ['hold_deposit', ['text_customer', { message: 'Your card was declined' }]],
      },
      { input: rented, calls: ['hold_deposit', ['set_bike_status', { status: 'rented' }]] },
    ],
  },
];
