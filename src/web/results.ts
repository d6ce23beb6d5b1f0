import { Type, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Method, Results } from '../protocol/messages.ts';

const WelcomeSchema = Type.Object({ token: Type.String(), simulated: Type.Boolean() });

/** The results that carry something, as they must look; the others answer `{}`. */
const RESULTS: { [M in keyof Results]: TSchema } = {
  'agent.signIn': WelcomeSchema,
  'agent.resume': WelcomeSchema,
  'leads.list': Type.Object({
    leads: Type.Array(
      Type.Object({
        leadId: Type.String(),
        name: Type.String(),
        phone: Type.String(),
        columns: Type.Record(Type.String(), Type.String()),
        state: Type.Union([
          Type.Literal('waiting'),
          Type.Literal('reserved'),
          Type.Literal('done'),
        ]),
        outcome: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
  }),
};

export type Result<M extends Method> = M extends keyof Results
  ? Results[M]
  : Record<string, unknown>;
export type Welcome = Results['agent.signIn'];

/** The result if it is what this method answers, else null. */
export function parseResult(method: Method, result: unknown): object | null {
  const schema = method in RESULTS ? RESULTS[method as keyof Results] : Type.Object({});
  return Value.Check(schema, result) ? (result as object) : null;
}
