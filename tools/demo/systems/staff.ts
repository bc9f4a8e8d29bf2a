import { keep, newestFirst, nextId } from '../business.ts';
import type { StaffMember } from '../business.ts';
import { done, notFound, seen } from '../reply.ts';
import type { Operations } from '../reply.ts';

const EARLY_FROM_HOUR = 6;
const LATE_FROM_HOUR = 14;
const NIGHT_FROM_HOUR = 22;

export const staffOperations: Operations = {
  listStaff(business, { query }) {
    const members = [...business.staff.values()];
    return seen({ staff: members.filter((member) => hasRole(member, query.role)) });
  },

  getStaffMember(business, { params }) {
    const member = business.staff.get(params.staffId ?? '');
    return member ? seen(member) : notFound(`staff member ${params.staffId}`);
  },

  whoIsOnShift(business, { query, now }) {
    const shift = shiftAt(query.at === undefined ? now : Date.parse(query.at as string));
    const onDuty = (member: StaffMember) => member.shift === shift || member.role === 'manager';
    const members = [...business.staff.values()].filter(onDuty);
    return seen({ shift, staff: members.filter((member) => hasRole(member, query.role)) });
  },

  listMessages(business, { query }) {
    return seen({ messages: newestFirst(business.messages, query.limit as number, () => true) });
  },

  notifyStaff(business, { body, now }) {
    const { text, staffId, role } = body as { text: string; staffId?: string; role?: string };
    const recipients = [...business.staff.values()]
      .filter(
        (member) => (staffId === undefined || member.staffId === staffId) && hasRole(member, role),
      )
      .map((member) => member.staffId);
    if (recipients.length === 0) return notFound('staff member to notify');
    const messageId = nextId(business, 'msg');
    const message = { messageId, text, recipients, sentAt: new Date(now).toISOString() };
    keep(business.messages, messageId, message);
    return done(message, 202);
  },
};

function hasRole(member: StaffMember, role: unknown): boolean {
  return role === undefined || member.role === role;
}

function shiftAt(moment: number): StaffMember['shift'] {
  const hour = new Date(moment).getUTCHours();
  if (hour >= NIGHT_FROM_HOUR || hour < EARLY_FROM_HOUR) return 'night';
  return hour < LATE_FROM_HOUR ? 'early' : 'late';
}
