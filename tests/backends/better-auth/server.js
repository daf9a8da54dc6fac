// Better Auth 1 with e-mail + password, its bearer and jwt plugins, memory adapter.
// LAB_ACCESS_TTL: lifetime of a session in seconds (7 days); LAB_VERIFY=1: requireEmailVerification;
// LAB_RATELIMIT=1: the rate limiter it enables in production.
import { webcrypto } from 'node:crypto';
import http from 'node:http';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { bearer, jwt } from 'better-auth/plugins';

globalThis.crypto ??= webcrypto; // Node 18, Debian's, has it under another name only.
const port = Number(process.env.LAB_PORT);
export const auth = betterAuth({
  baseURL: `http://127.0.0.1:${port}`,
  secret: 'lab-secret-lab-secret-lab-secret',
  database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
  emailAndPassword: { enabled: true, requireEmailVerification: process.env.LAB_VERIFY === '1' },
  session: { expiresIn: Number(process.env.LAB_ACCESS_TTL || 604800) },
  rateLimit: { enabled: process.env.LAB_RATELIMIT === '1' },
  telemetry: { enabled: false },
  plugins: [bearer(), jwt()],
});
http.createServer(toNodeHandler(auth)).listen(port, '127.0.0.1');
