import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import {
  routes,
  type EditMessage,
  type Message,
  type MessageVersion,
  type PageQuery,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { Caller, Endpoint, pageTokenOf, type Context, type Page } from '@parley/nest-kit';
import { DB, type Db, type Tx } from '../prisma.module.js';
import { messageOf, messagePage } from '../rows.js';
import { ConversationFeed } from './conversation-feed.js';
import { findConversation, lockConversation } from './conversation-rows.js';

/** Texts of one message that are listed; more are kept. */
const versionsMax = 200;

@Controller()
export class MessagesHttp {
  constructor(
    @Inject(DB) private readonly db: Db,
    @Inject(ConversationFeed) private readonly feed: ConversationFeed,
  ) {}

  @Endpoint(routes.listMessages)
  async list(
    @Param('conversation') conversationId: string,
    @Query() query: PageQuery,
    @Caller() caller: Context,
  ): Promise<Page<Message>> {
    const { pageSize } = query;
    const before = pageTokenOf(query.pageToken, /^msg_[0-9a-z]+$/);
    const rows = await this.db.withTenant(caller.tenantId, async (tx) => {
      await findConversation(tx, conversationId);
      return tx.message.findMany({
        where: { conversationId, ...(before === undefined ? {} : { id: { lt: before } }) },
        orderBy: { id: 'desc' },
        take: pageSize + 1,
      });
    });
    return messagePage(rows, pageSize);
  }

  @Endpoint(routes.editMessage)
  async edit(
    @Param('conversation') conversationId: string,
    @Param('message') messageId: string,
    @Body() body: EditMessage,
    @Caller() caller: Context,
  ): Promise<Message> {
    const { tenantId, principal } = caller;
    const edited = await this.db.withTenant(tenantId, async (tx) => {
      await lockConversation(tx, conversationId);
      const row = await findMessage(tx, conversationId, messageId);
      if (row.role !== 'user' || row.authorId !== principal) {
        throw new AppError('forbidden', 'Only your own messages can be edited.');
      }
      const version = row.version + 1;
      const editedAt = new Date();
      await tx.messageVersion.create({
        data: { messageId, version, tenantId, text: body.text, createdAt: editedAt },
      });
      const data = { text: body.text, version, editedAt };
      return messageOf(await tx.message.update({ where: { id: messageId }, data }));
    });
    this.feed.publish(conversationId, { event: 'message', data: edited });
    return edited;
  }

  @Endpoint(routes.listMessageVersions)
  async versions(
    @Param('conversation') conversationId: string,
    @Param('message') messageId: string,
    @Caller() caller: Context,
  ): Promise<{ items: MessageVersion[] }> {
    return this.db.withTenant(caller.tenantId, async (tx) => {
      const message = await findMessage(tx, conversationId, messageId);
      const rows = await tx.messageVersion.findMany({
        where: { messageId },
        orderBy: { version: 'desc' },
        take: versionsMax,
      });
      if (rows.length === 0) {
        const { version, text, createdAt } = message;
        return { items: [{ version, text, createdAt: createdAt.toISOString() }] };
      }
      return {
        items: rows.reverse().map(({ version, text, createdAt }) => ({
          version,
          text,
          createdAt: createdAt.toISOString(),
        })),
      };
    });
  }
}

async function findMessage(tx: Tx, conversationId: string, id: string) {
  const row = await tx.message.findFirst({ where: { id, conversationId } });
  if (row === null) throw new AppError('not-found', `There is no message ${id}.`);
  return row;
}
