import type { IrCallNode } from '@parley/ir';
import { nearest } from '../diagnostics/nearest.js';
import { memberOf, textOf, type MapNode, type SourceNode } from '../source/tree.js';
import { compileConnector } from './call-connector.js';
import { compileHttp } from './call-http.js';
import { compileHuman } from './call-human.js';
import type { Context } from './context.js';
import {
  functionName,
  laterFunctions,
  supportedFunctions,
  type SupportedFunction,
} from './functions.js';
import { expectName } from './members.js';

/** What a call adds to the members that every task has. */
export type Call = Pick<IrCallNode, 'function' | 'with' | 'delivery' | 'operation'>;

type CallCompiler = (
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
) => Call | undefined;

const compilers: Readonly<Record<SupportedFunction, CallCompiler>> = {
  http: compileHttp,
  connector: compileConnector,
  human: compileHuman,
};

/** Whether a `call` names something that this version runs; otherwise that is reported. */
export function supportedFunction(ctx: Context, node: SourceNode): SupportedFunction | undefined {
  const text = expectName(ctx, node, '"call"');
  if (text === undefined) return undefined;
  const name = functionName(text);
  const supported = supportedFunctions.find((candidate) => candidate === name);
  if (supported !== undefined) return supported;
  if (laterFunctions.some((later) => later === name) || /[@/]/.test(text)) {
    ctx.reporter.report('PL1060', node, { message: `"call: ${text}" is not supported yet` });
    return undefined;
  }
  if (ctx.declared.get('functions')?.has(text) === true) return undefined;
  reportUnknown(ctx, node, text);
  return undefined;
}

/** Compiles the arguments of a call; that they are missing has been reported. */
export function compileCall(
  ctx: Context,
  task: MapNode,
  called: SupportedFunction,
  variables: readonly string[],
): Call | undefined {
  const given = memberOf(task, 'with');
  if (given === undefined) return undefined;
  return compilers[called](ctx, given, variables);
}

function reportUnknown(ctx: Context, node: SourceNode, text: string): void {
  if (text.includes('${')) {
    ctx.reporter.report('PL1035', node, { message: '"call" must be a fixed name' });
    return;
  }
  const near = nearest(text, [...supportedFunctions, ...(ctx.declared.get('functions') ?? [])]);
  const [best] = near;
  ctx.reporter.report('PL1050', node, {
    message: `There is no function "${textOf(node) ?? ''}" to call`,
    expected: supportedFunctions.join(', '),
    actual: text,
    suggestions: near,
    ...(best && { fix: { title: `Write "${best}"`, span: node.span, newText: best } }),
  });
}
