import { Module } from '@nestjs/common';
import { BusModule, DatabaseModule } from '@parley/nest-kit';
import { AuditConsumer } from './events/audit.bus.js';
import { EventsController } from './events/events.http.js';
import { MembersController } from './members/members.http.js';
import { PrincipalsController } from './principals/principals.http.js';
import { PrismaModule } from './prisma.module.js';
import { TenantsController } from './tenants/tenants.http.js';

@Module({
  imports: [DatabaseModule.of(), BusModule, PrismaModule],
  controllers: [TenantsController, MembersController, EventsController, PrincipalsController],
  providers: [AuditConsumer],
})
export class PlatformModule {}
