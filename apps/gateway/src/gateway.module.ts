import { Module } from '@nestjs/common';
import { EdgeController } from './edge/edge.http.js';

@Module({ controllers: [EdgeController] })
export class GatewayModule {}
