import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the scripted model does in one round: says something and calls tools, or fails. */
export interface Round {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly status?: number;
}

export interface ModelRequest {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools: readonly {
    readonly function: {
      readonly name: string;
      readonly parameters: { readonly properties: object };
    };
  }[];
}

/** A server that speaks the OpenAI chat protocol (streamed) and answers by a script. */
export class ScriptedModel {
  readonly requests: ModelRequest[] = [];
  private readonly rounds: Round[];
  private readonly server: Server;

  private constructor(rounds: readonly Round[]) {
    this.rounds = [...rounds];
    this.server = createServer((request, response) => {
      void readJson(request).then((body) => {
        this.requests.push(body as ModelRequest);
        const round = this.rounds.shift() ?? {};
        if (round.status !== undefined) {
          response.writeHead(round.status, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ error: { message: 'refused by script' } }));
          return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const chunk of chunksOf(round)) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        response.end('data: [DONE]\n\n');
      });
    });
  }

  static async start(rounds: readonly Round[]): Promise<ScriptedModel> {
    const model = new ScriptedModel(rounds);
    await new Promise<void>((done) => model.server.listen(0, '127.0.0.1', () => done()));
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/v1`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

function chunksOf({ text, calls = [] }: Round): object[] {
  const chunk = (delta: object, finish: string | null = null) => ({
    id: 'chat-1',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'scripted',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const words = text === undefined ? [] : text.split(/(?<= )/);
  const tools = calls.map((call, index) => ({
    index,
    id: `call-${String(index)}-${call.name}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  return [
    ...words.map((content) => chunk({ role: 'assistant', content })),
    ...tools.map((tool) => chunk({ role: 'assistant', tool_calls: [tool] })),
    chunk({}, calls.length > 0 ? 'tool_calls' : 'stop'),
  ];
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as unknown;
}
