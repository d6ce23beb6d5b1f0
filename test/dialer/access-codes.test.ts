import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AccessCodes } from '../../src/dialer/access-codes.ts';
import type { SessionId } from '../../src/domain/ids.ts';
import { secureRandom } from '../../src/real-world.ts';
import { CountingRandom } from '../support/counting-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const LIFE_MS = 600_000;
const SESSIONS = ['a', 'b', 'c'] as SessionId[];

type Deed =
  | { do: 'issue' | 'revoke'; session: number }
  | { do: 'redeem'; code: number }
  | { do: 'wait'; ms: number };

/** Few codes and many deeds, so that the random source repeats itself and codes collide. */
const code = fc.nat(5);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    do: fc.constantFrom('issue' as const, 'revoke' as const),
    session: fc.nat(SESSIONS.length - 1),
  }),
  fc.record({ do: fc.constant('redeem' as const), code }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 2 * LIFE_MS }) }),
);
const written = (n: number): string => String(n).padStart(6, '0');

/** The obvious model: who holds which code. */
const holders = (codes: AccessCodes): Map<string, SessionId> =>
  new Map(SESSIONS.flatMap((id) => (codes.of(id) === null ? [] : [[codes.of(id) ?? '', id]])));

test('whatever is issued, keyed, revoked or grows old: a code is one session’s, works once, and names who holds it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 30 }), fc.array(code), async (deeds, drawn) => {
      const random = new CountingRandom();
      random.codes.push(...drawn);
      const clock = new VirtualClock();
      const codes = new AccessCodes(random, clock, LIFE_MS, () => {});
      for (const each of deeds) {
        const before = holders(codes);
        if (each.do === 'issue') codes.issue(SESSIONS[each.session] as SessionId);
        if (each.do === 'revoke') codes.revoke(SESSIONS[each.session] as SessionId);
        if (each.do === 'wait') await clock.advance(each.ms);
        const keyed = each.do === 'redeem' ? written(each.code) : 'nothing';
        expect(codes.redeem(keyed)).toBe(before.get(keyed) ?? null);
        expect(codes.redeem(keyed)).toBeNull();
        const live = SESSIONS.flatMap((id) => codes.of(id) ?? []);
        expect(new Set(live).size).toBe(live.length);
        const gone = [...before.keys()].filter((text) => !live.includes(text));
        expect(gone.flatMap((text) => codes.redeem(text) ?? [])).toEqual([]);
      }
    }),
  );
});

test('a code that nobody keys lives exactly as long as it may, and is then another one', async () => {
  const clock = new VirtualClock();
  const codes = new AccessCodes(new CountingRandom(), clock, LIFE_MS, () => {});
  const [session] = SESSIONS;
  if (!session) throw new Error('no session');
  codes.issue(session);
  const first = codes.of(session);
  await clock.advance(LIFE_MS - 1);
  expect(codes.of(session)).toBe(first);
  await clock.advance(1);
  expect(codes.of(session)).not.toBe(first);
  expect(codes.redeem(first ?? '')).toBeNull();
});

test('an access code is exactly six digits, zeros in front included', () => {
  const random = new CountingRandom();
  random.codes.push(0, 7, 42_042, 999_999);
  const codes = new AccessCodes(random, new VirtualClock(), LIFE_MS, () => {});
  const issued = Array.from({ length: 4 }, () => {
    codes.issue(SESSIONS[0] as SessionId);
    return codes.of(SESSIONS[0] as SessionId);
  });
  expect(issued).toEqual(['000000', '000007', '042042', '999999']);
});

test('the server’s dice reach every range of codes, and no other number', () => {
  const drawn = Array.from({ length: 500 }, () => secureRandom.accessCode());
  expect(drawn.filter((n) => !Number.isInteger(n) || n < 0 || n > 999_999)).toEqual([]);
  expect(new Set(drawn.map((n) => Math.floor(n / 100_000))).size).toBe(10);
});
