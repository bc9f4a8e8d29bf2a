import type { FastifyInstance } from 'fastify';

/**
 * What browsers may do with our answers. There is no CORS header at all: other sites cannot read
 * anything. Styles may be inline because the code editor adds its own; scripts may not.
 */
export function addSecurityHeaders(server: FastifyInstance, issuer: string): void {
  const issuerOrigin = new URL(issuer).origin;
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data:`,
    `connect-src 'self' ${issuerOrigin}`,
    `worker-src 'self' blob:`,
    `manifest-src 'self'`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
    `form-action 'self' ${issuerOrigin}`,
  ].join('; ');
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    });
    done();
  });
  server.addHook('onSend', (request, reply, _payload, done) => {
    const isApi = request.url.startsWith('/v1/');
    if (isApi && !reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    done();
  });
}
