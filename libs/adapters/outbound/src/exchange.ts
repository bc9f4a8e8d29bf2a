import type { Client, Dispatcher } from 'undici';
import type { CallEnd } from './call-end.js';
import { BodyBytes } from './response-body.js';

/** What is sent. */
export interface Message extends Pick<Dispatcher.DispatchOptions, 'method' | 'path' | 'reset'> {
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | null;
}

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

/** How far a call has come; that decides what its failure means. */
export interface Progress {
  connected: boolean;
  /** The answer has begun. */
  status?: number;
}

/**
 * Sends one request and collects its answer; rejects when there is no whole one.
 *
 * X1  It settles once, and at once when the call is ended, also while there is no connection yet:
 *     whoever asked then lets go of the client, and what still comes of the request is dropped.
 */
export function exchange(
  client: Client,
  message: Message,
  { end, progress }: { readonly end: CallEnd; readonly progress: Progress },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (end.reason !== undefined) return reject(new CallEnded());
    const exchanging = new Exchange(progress, resolve, reject);
    end.tell(() => exchanging.end());
    client.dispatch(message, exchanging);
  });
}

/** Why a request was given up; the call's end says more. */
class CallEnded extends Error {
  override readonly name = 'CallEnded';
}

class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private headers: Answer['headers'] = {};
  private readonly body = new BodyBytes();
  private readonly progress: Progress;
  private readonly resolve: (answer: Answer) => void;
  private readonly reject: (error: unknown) => void;

  constructor(
    progress: Progress,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.progress = progress;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** X1 */
  end(): void {
    const error = new CallEnded();
    this.reject(error);
    this.controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Answer['headers'],
  ): void {
    if (status < 200) return;
    this.progress.status = status;
    this.headers = headers;
  }

  /** What it throws ends the request with that error. */
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.body.add(chunk);
  }

  onResponseEnd(): void {
    const { status = 0 } = this.progress;
    this.resolve({ status, headers: this.headers, bytes: this.body.all() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}
