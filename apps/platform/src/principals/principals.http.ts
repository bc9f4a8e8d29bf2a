import { Body, Controller, Inject } from '@nestjs/common';
import { internalRoutes, type Principal, type ResolvePrincipal } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { APP_POOL, Endpoint } from '@parley/nest-kit';
import { type Pool, withTenant } from '@parley/postgres';

interface SignIn {
  readonly tenant_id: string;
  readonly member_id: string;
  readonly bound: boolean;
}

/** Whom a verified bearer belongs to. The first sign-in with a member's e-mail address binds it. */
@Controller()
export class PrincipalsController {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  @Endpoint(internalRoutes.resolvePrincipal)
  async resolve(@Body() body: ResolvePrincipal): Promise<Principal> {
    const { issuer, subject, email } = body;
    const found = await this.pool.query<SignIn>('SELECT * FROM find_sign_in($1, $2, $3)', [
      issuer,
      subject,
      email ?? null,
    ]);
    const signIn = found.rows[0];
    if (!signIn) throw notAMember(email);
    const { rows } = await withTenant(this.pool, signIn.tenant_id, (client) =>
      client.query<{ name: string; roles: string[] }>(
        signIn.bound
          ? 'SELECT name, roles FROM member WHERE id = $1 AND issuer = $2 AND subject = $3'
          : `UPDATE member SET issuer = $2, subject = $3
             WHERE id = $1 AND (subject IS NULL OR (issuer = $2 AND subject = $3))
             RETURNING name, roles`,
        [signIn.member_id, issuer, subject],
      ),
    );
    const member = rows[0];
    if (!member) throw notAMember(email); // somebody else was bound in the meantime
    return { tenantId: signIn.tenant_id, memberId: signIn.member_id, ...member };
  }
}

function notAMember(email: string | undefined): AppError {
  return new AppError(
    'forbidden',
    `${email ?? 'This identity'} is not a member of any tenant here. Ask an owner to add the e-mail address.`,
  );
}
