import { Inject, Injectable } from '@nestjs/common';
import type { CallEffect } from '@parley/engine';
import { OutboundCalls } from '../outbound-calls/outbound-calls.js';
import { Scripts } from '../scripts/scripts.js';
import type { CallOutcome, PerformCall } from './run-calls.js';

/** Who performs what the engine dispatches: calls leave, scripts run here. */
@Injectable()
export class Performers {
  private readonly scripts = new Scripts();

  constructor(@Inject(OutboundCalls) private readonly calls: OutboundCalls) {}

  perform(...[run, effect, signal]: Parameters<PerformCall>): Promise<CallOutcome> {
    return isScript(effect)
      ? this.scripts.perform(effect, signal)
      : this.calls.perform(run, effect, signal);
  }

  async end(): Promise<void> {
    await this.scripts.end();
  }
}

function isScript({ function: name }: CallEffect): boolean {
  return name === 'script';
}
