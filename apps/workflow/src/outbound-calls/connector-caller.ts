import { Inject, Injectable } from '@nestjs/common';
import { buildRequest, type CallArguments, type ConnectorOperation } from '@parley/connectors';
import {
  hostPort,
  Outbound,
  readUrl,
  type OutboundOutcome,
  type OutboundRequest,
} from '@parley/outbound';
import { CredentialVault } from '../connectors/credential-vault.js';
import { credentialsFor, type ConnectorTarget } from './connector-target.js';

export interface OperationCall {
  readonly target: ConnectorTarget;
  readonly operation: ConnectorOperation;
  readonly arguments: CallArguments;
  /** Added to those of the operation. */
  readonly headers: Readonly<Record<string, string>>;
  /** Goes into the operation's key header, if it has one. */
  readonly key?: string;
  /** The call may be sent twice, as one of this tenant's. */
  readonly repeatableAs?: string | undefined;
  readonly signal?: AbortSignal;
}

/** A call that could not be made: nothing was sent. */
export interface NotCalled {
  readonly kind: 'not-called';
  readonly reason: 'configuration' | 'validation' | 'authentication';
  readonly message: string;
}

/** Calls operations of connectors: request, credentials, address and approval come together here. */
@Injectable()
export class ConnectorCaller {
  constructor(
    @Inject(Outbound) private readonly outbound: Outbound,
    @Inject(CredentialVault) private readonly vault: CredentialVault,
  ) {}

  call(call: OperationCall): Promise<OutboundOutcome | NotCalled> {
    const request = this.requestOf(call);
    return 'kind' in request ? Promise.resolve(request) : this.outbound.send(request);
  }

  private requestOf(call: OperationCall): OutboundRequest | NotCalled {
    const { target, operation } = call;
    if (target.baseUrl === undefined) {
      return notCalled('configuration', `Nobody has chosen the base URL of ${target.name} yet.`);
    }
    const built = buildRequest(operation, call.arguments);
    if (!built.ok) {
      return notCalled('validation', `${built.error.message} (with${built.error.pointer})`);
    }
    const credentials = credentialsFor(operation, target, this.vault);
    if (!credentials.ok) return notCalled('authentication', credentials.error);
    const { method, path, query, headers, body } = built.value;
    const keyed =
      operation.keyHeader === undefined || call.key === undefined
        ? {}
        : { [operation.keyHeader.toLowerCase()]: call.key };
    return {
      method,
      url: `${target.baseUrl}${path}${query === '' ? '' : `?${query}`}`,
      headers: { ...headers, ...call.headers, ...keyed },
      ...(body === undefined ? {} : { body: body.text }),
      credentials: credentials.value,
      approvals: target.approvals,
      ...(call.repeatableAs === undefined ? {} : { repeatableAs: call.repeatableAs }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    };
  }
}

/** Host and port of a target, for messages. */
export function placeOf(target: ConnectorTarget): string {
  const read = target.baseUrl === undefined ? undefined : readUrl(target.baseUrl);
  return read?.ok ? hostPort(read.value.host, read.value.port) : target.name;
}

function notCalled(reason: NotCalled['reason'], message: string): NotCalled {
  return { kind: 'not-called', reason, message };
}
