import type { Operation, OperationParameter, SecurityScheme } from '@parley/contracts';

/** How the value of a parameter is written; absent members have the default of its place. */
export interface ParameterStyle {
  readonly style?:
    'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
  readonly explode?: boolean;
  readonly allowReserved?: boolean;
  /** The value is written as JSON text. */
  readonly json?: boolean;
}

export type ConnectorParameter = OperationParameter & ParameterStyle;

/**
 * An operation as calls need it: the public one, and how its parameters are written. A header that
 * takes the idempotency key is no parameter: the engine gives the key.
 */
export interface ConnectorOperation extends Omit<Operation, 'parameters'> {
  parameters: ConnectorParameter[];
}

/** A security scheme as the document declares it. */
export type DeclaredScheme = Omit<SecurityScheme, 'configured'>;

/** What an OpenAPI document says about a business system. */
export interface ImportedConnector {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly version: string;
  /** SHA-256 (hex) of the document's text. */
  readonly documentHash: string;
  /** Absolute where possible; variables replaced by their defaults. */
  readonly servers: readonly string[];
  /** The only server, when there is exactly one and it is absolute. */
  readonly baseUrl?: string;
  readonly securitySchemes: readonly DeclaredScheme[];
  readonly operations: readonly ConnectorOperation[];
  /** What somebody has to decide before the connector can be called. */
  readonly openQuestions: readonly string[];
  /** What was left out or assumed. */
  readonly notices: readonly string[];
}
