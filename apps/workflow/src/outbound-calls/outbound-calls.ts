import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CallEffect } from '@parley/engine';
import { isJsonObject, type Json } from '@parley/kernel';
import { Outbound } from '@parley/outbound';
import type { CallOutcome } from '../engine/engine.js';
import { outcomeOf, refused } from './call-outcome.js';
import { CallProofs } from './call-proofs.js';
import { ConnectorCaller } from './connector-caller.js';
import { ConnectorTargets } from './connector-targets.pg.js';
import { httpOutput, readHttpCall } from './http-call.js';

/** Whose call it is. */
export interface CallingRun {
  readonly runId: string;
  readonly tenantId: string;
}

/** One attempt of a call, as the engine asks for it. */
export type CallRequest = Pick<
  CallEffect,
  'function' | 'args' | 'delivery' | 'key' | 'operation' | 'occurrence' | 'attempt'
>;

/** Performs the calls of runs. Whatever the other side does is an outcome, never an exception. */
@Injectable()
export class OutboundCalls {
  constructor(
    @Inject(ConnectorTargets) private readonly targets: ConnectorTargets,
    @Inject(ConnectorCaller) private readonly caller: ConnectorCaller,
    @Inject(Outbound) private readonly outbound: Outbound,
    @Inject(CallProofs) private readonly proofs: CallProofs,
  ) {}

  perform(run: CallingRun, call: CallRequest, signal: AbortSignal): Promise<CallOutcome> {
    return call.function === 'connector'
      ? this.callConnector(run, call, signal)
      : this.callHttp(run, call, signal);
  }

  private async callConnector(
    run: CallingRun,
    call: CallRequest,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    const pin = call.operation;
    if (pin === undefined) {
      const detail = 'The version of this workflow does not say which document the call is from.';
      return refused('configuration', 'The operation is not pinned', detail);
    }
    const { tenantId } = run;
    const finding = this.targets.find({ tenantId, ...pin }, signal);
    const found = finding instanceof Promise ? await finding : finding;
    if (found.target === undefined) {
      const detail = `The connector ${pin.connector} was removed. Import it again under this name.`;
      return refused('configuration', 'The connector is gone', detail);
    }
    const operation = found.operations?.find(({ id }) => id === pin.operation);
    if (operation === undefined) {
      const detail = `The document that describes ${pin.operation} of ${pin.connector} is not stored.`;
      return refused('configuration', 'The operation is not known', detail);
    }
    const args = isJsonObject(call.args) ? call.args : {};
    const called = await this.caller.call({
      target: found.target,
      operation,
      arguments: { input: args['input'] ?? {}, ...bodyOf(args) },
      headers: headersOf(run, call),
      key: call.key,
      repeatableAs: call.delivery === 'once' ? undefined : tenantId,
      signal,
    });
    return outcomeOf(called);
  }

  /** Also what calls of OpenAPI operations come down to. */
  private async callHttp(
    run: CallingRun,
    call: CallRequest,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    const args = await this.proofs.withSecret(run, call.args, signal);
    if (!args.ok) return args.error;
    const read = readHttpCall(args.value.args);
    if (!read.ok) return refused('validation', 'The call could not be made', read.error);
    const { request, redirectIsSuccess, proof } = read.value;
    const proven = { url: request.url, proof, secret: args.value.secret };
    const credentials = await this.proofs.credentialsOf(run, proven, signal);
    if (!credentials.ok) return credentials.error;
    // Nobody approves addresses for `call: http`: only public ones can be called.
    const called = await this.outbound.send({
      ...request,
      headers: { ...request.headers, ...headersOf(run, call) },
      credentials: credentials.value,
      ...(call.delivery === 'once' ? {} : { repeatableAs: run.tenantId }),
      signal,
    });
    const isRefused = called.kind === 'response' && called.status === 401;
    if (isRefused) await this.proofs.refused(run, proven, credentials.value);
    const outcome = outcomeOf(called, { redirectIsSuccess });
    return outcome.kind === 'completed' && called.kind === 'response'
      ? { kind: 'completed', output: httpOutput(read.value, called) }
      : outcome;
  }
}

function bodyOf(args: { body?: Json }): { body?: Json } {
  return args.body === undefined ? {} : { body: args.body };
}

/** All calls of a run are one trace; each attempt is a span of its own. */
function headersOf(run: CallingRun, call: CallRequest): Record<string, string> {
  const trace = hash('sha256', run.runId).slice(0, 32);
  const span = hash('sha256', `${run.runId} ${call.occurrence} ${call.attempt}`).slice(0, 16);
  return { traceparent: `00-${trace}-${span}-01`, 'x-parley-run': run.runId };
}
