import { AppError } from '@parley/kernel';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Answers only to its own names while it listens on loopback. A page of somebody else can make its
 * own name point to 127.0.0.1 (DNS rebinding) and would then count as same-origin with us.
 */
export class HostCheck {
  private readonly names: ReadonlySet<string> | undefined;

  constructor(listenHost: string, allowedHosts: readonly string[]) {
    const loopback =
      listenHost === 'localhost' || listenHost === '::1' || /^127\./.test(listenHost);
    this.names = loopback ? new Set([...loopbackNames, listenHost, ...allowedHosts]) : undefined;
  }

  /** @throws AppError `forbidden` */
  check(host: string | undefined): void {
    if (!this.names) return;
    const name = (host ?? '').toLowerCase().replace(/:\d{1,5}$/, '');
    if (this.names.has(name)) return;
    throw new AppError('forbidden', 'This address does not answer to that host name.');
  }

  /** @throws AppError `forbidden` when a browser asks on behalf of another site */
  checkOrigin(origin: string | undefined, host: string | undefined): void {
    if (origin === undefined) return;
    if (URL.canParse(origin) && new URL(origin).host === host) return;
    throw new AppError('forbidden', 'Requests of other sites are not answered.');
  }
}
