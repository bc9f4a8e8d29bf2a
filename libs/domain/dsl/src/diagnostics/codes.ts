import { callCodes } from './call-codes.js';
import { textCodes } from './text-codes.js';
import { valueCodes } from './value-codes.js';

export type { CodeRow } from './code-row.js';

/** Every diagnostic of the language. */
export const codes = { ...textCodes, ...valueCodes, ...callCodes } as const;

/** A stable diagnostic code. */
export type DiagnosticCode = keyof typeof codes;
