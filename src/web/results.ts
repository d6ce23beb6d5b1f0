import { Type, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import {
  CallDetails,
  Figures,
  LeadsPage,
  type Method,
  type Results,
} from '../protocol/messages.ts';

const WelcomeSchema = Type.Object({ token: Type.String(), simulated: Type.Boolean() });

/** The results that carry something, as they must look; the others answer `{}`. */
const RESULTS: { [M in keyof Results]: TSchema } = {
  'agent.signIn': WelcomeSchema,
  'agent.resume': WelcomeSchema,
  'agent.figures': Figures,
  'call.details': CallDetails,
  'leads.page': LeadsPage,
  'leads.clear': Type.Object({ removed: Type.Integer() }),
  'leads.startOver': Type.Object({ waiting: Type.Integer() }),
  'floor.watch': Type.Object({ token: Type.String() }),
};

export type Result<M extends Method> = M extends keyof Results
  ? Results[M]
  : Record<string, unknown>;
/** What lets a page in; a floor’s has nothing to say about the network. */
export interface Welcome {
  token: string;
  simulated?: boolean;
}

/** The result if it is what this method answers, else null. */
export function parseResult(method: Method, result: unknown): object | null {
  const schema = method in RESULTS ? RESULTS[method as keyof Results] : Type.Object({});
  return Value.Check(schema, result) ? (result as object) : null;
}
