/**
 * An operator with an account and a user for NATS servers, as `nsc` makes them: keys, and tokens that each signs for the
 * one below.
 *
 *     operator --- signs ---> account --- signs ---> user, in a credentials file
 */
import { randomUUID } from 'node:crypto';
import { loadNats } from '../../gateway/cluster/nats/packages.ts';

export interface OperatorMode {
  /** Lines for the configuration of the servers. */
  lines: string;
  /** Content of the credentials file of a user. */
  credentials: string;
}

interface Keys {
  getPublicKey(): string;
  getSeed(): Uint8Array;
  sign(data: Uint8Array): Uint8Array;
}

const UNLIMITED = -1;
const WITHOUT_LIMITS = {
  subs: UNLIMITED,
  data: UNLIMITED,
  payload: UNLIMITED,
};

export async function makeOperator(): Promise<OperatorMode> {
  const { nkeys } = (await loadNats()).transport;
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  // JetStream has a system account for itself.
  const system = nkeys.createAccount();
  const limits = {
    ...WITHOUT_LIMITS,
    imports: UNLIMITED,
    exports: UNLIMITED,
    conn: UNLIMITED,
    leaf: UNLIMITED,
    mem_storage: UNLIMITED,
    disk_storage: UNLIMITED,
    streams: UNLIMITED,
    consumer: UNLIMITED,
  };
  const operatorToken = tokenOf(operator, operator, { type: 'operator' });
  const accountToken = tokenOf(operator, account, { type: 'account', limits });
  const systemToken = tokenOf(operator, system, { type: 'account', limits: WITHOUT_LIMITS });
  const userToken = tokenOf(account, user, { type: 'user', ...WITHOUT_LIMITS });
  return {
    lines: [
      `operator: ${operatorToken}`,
      'resolver: MEMORY',
      `system_account: ${system.getPublicKey()}`,
      `resolver_preload: { ${account.getPublicKey()}: ${accountToken}, ${system.getPublicKey()}: ${systemToken} }`,
    ].join('\n'),
    credentials: [
      `-----BEGIN NATS USER JWT-----\n${userToken}\n------END NATS USER JWT------`,
      `-----BEGIN USER NKEY SEED-----\n${new TextDecoder().decode(user.getSeed())}\n------END USER NKEY SEED------`,
    ].join('\n\n'),
  };
}

/** A JSON Web Token in the form of NATS: `issuer` states what `subject` is. */
function tokenOf(issuer: Keys, subject: Keys, claims: object): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = [
    encode({ typ: 'JWT', alg: 'ed25519-nkey' }),
    encode({
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      iss: issuer.getPublicKey(),
      sub: subject.getPublicKey(),
      name: 'tertulia',
      nats: { version: 2, ...claims },
    }),
  ].join('.');
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}
