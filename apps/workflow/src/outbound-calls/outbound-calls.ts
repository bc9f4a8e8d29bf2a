import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CallEffect } from '@parley/engine';
import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import { Outbound, type PlacedCredential } from '@parley/outbound';
import type { CallOutcome } from '../engine/engine.js';
import type { CallProof } from './call-credentials.js';
import { outcomeOf, refused } from './call-outcome.js';
import { ConnectorCaller } from './connector-caller.js';
import { ConnectorTargets } from './connector-targets.pg.js';
import { httpOutput, readHttpCall } from './http-call.js';
import { OauthTokens, type NoToken } from './oauth-tokens.js';

/** Whose call it is. */
export interface CallingRun {
  readonly runId: string;
  readonly tenantId: string;
}

/** One attempt of a call, as the engine asks for it. */
export type CallRequest = Pick<
  CallEffect,
  'function' | 'args' | 'key' | 'operation' | 'occurrence' | 'attempt'
>;

/** Performs the calls of runs. Whatever the other side does is an outcome, never an exception. */
@Injectable()
export class OutboundCalls {
  constructor(
    @Inject(ConnectorTargets) private readonly targets: ConnectorTargets,
    @Inject(ConnectorCaller) private readonly caller: ConnectorCaller,
    @Inject(Outbound) private readonly outbound: Outbound,
    @Inject(OauthTokens) private readonly tokens: OauthTokens,
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
    const found = await this.targets.find({ tenantId, ...pin }, signal);
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
    const read = readHttpCall(call.args);
    if (!read.ok) return refused('validation', 'The call could not be made', read.error);
    const { request, redirectIsSuccess, proof } = read.value;
    const credentials = await this.credentialsOf(run, proof, signal);
    if (!credentials.ok) return credentials.error;
    // Nobody approves addresses for `call: http`: only public ones can be called.
    const called = await this.outbound.send({
      ...request,
      headers: { ...request.headers, ...headersOf(run, call) },
      credentials: credentials.value,
      signal,
    });
    const [bearer] = credentials.value;
    const isRefused = called.kind === 'response' && called.status === 401;
    if (proof.kind === 'token' && bearer?.type === 'bearer' && isRefused) {
      await this.tokens.forget(run.tenantId, proof.request, bearer.token);
    }
    const outcome = outcomeOf(called, { redirectIsSuccess });
    return outcome.kind === 'completed' && called.kind === 'response'
      ? { kind: 'completed', output: httpOutput(read.value, called) }
      : outcome;
  }

  private async credentialsOf(
    { tenantId }: CallingRun,
    proof: CallProof,
    signal: AbortSignal,
  ): Promise<Result<PlacedCredential[], CallOutcome>> {
    if (proof.kind !== 'token') return ok(proof.kind === 'none' ? [] : [proof.credential]);
    // Others may wait for the same token: who is not waited for any more leaves, the asking goes on.
    const got = await Promise.race([this.tokens.token(tenantId, proof.request), aborted(signal)]);
    if (got.ok) return ok([{ type: 'bearer', token: got.value }]);
    const { reason, message } = got.error;
    const type = reason === 'refused' ? 'authentication' : 'communication';
    return err(refused(type, 'There is no access token', message));
  }
}

function aborted(signal: AbortSignal): Promise<{ readonly ok: false; readonly error: NoToken }> {
  const given = err({ reason: 'reached', message: 'The call was given up.' } as const);
  return new Promise((resolve) => {
    if (signal.aborted) resolve(given);
    signal.addEventListener('abort', () => resolve(given), { once: true });
  });
}

function bodyOf(args: { body?: Json }): { body?: Json } {
  return args.body === undefined ? {} : { body: args.body };
}

/** All calls of a run are one trace; each attempt is a span of its own. */
function headersOf(run: CallingRun, call: CallRequest): Record<string, string> {
  const hash = (text: string, digits: number) =>
    createHash('sha256').update(text).digest('hex').slice(0, digits);
  const span = hash(`${run.runId} ${call.occurrence} ${call.attempt}`, 16);
  return {
    traceparent: `00-${hash(run.runId, 32)}-${span}-01`,
    'x-parley-run': run.runId,
  };
}
