import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const headEnd = '\r\n\r\n';

/**
 * One kept connection, one request at a time, nothing but what a bench needs: the client shares the
 * processor with what it measures, so it must cost little.
 */
export class Connection {
  private readonly socket: Socket;
  private readonly chunks: Buffer[] = [];
  private size = 0;
  /** Length of the whole answer, once its head is here. */
  private expected: number | undefined;
  private waiting: Waiting | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => this.take(chunk));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the connection was closed')));
  }

  /** @param head the lines of the request and its headers, without Content-Length */
  post(head: string, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      const length = Buffer.byteLength(body);
      this.socket.write(`${head}content-length: ${length}${headEnd}${body}`);
    });
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    this.expected ??= this.readHead();
    if (this.expected === undefined || this.size < this.expected) return;
    const text = Buffer.concat(this.chunks).toString();
    this.chunks.length = this.size = 0;
    this.expected = undefined;
    const { waiting } = this;
    this.waiting = undefined;
    const body = text.slice(text.indexOf(headEnd) + headEnd.length);
    waiting?.resolve({ status: Number(text.slice(9, 12)), body });
  }

  private readHead(): number | undefined {
    const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    const end = all?.indexOf(headEnd) ?? -1;
    if (all === undefined || end < 0) return undefined;
    const length = /\r\ncontent-length: (\d+)/i.exec(all.toString('latin1', 0, end))?.[1];
    if (length === undefined) this.fail(new Error('an answer without Content-Length'));
    return end + headEnd.length + Number(length ?? 0);
  }

  private fail(error: Error): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(error);
  }
}
