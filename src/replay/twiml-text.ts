import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { writeTwiml, type TwimlSettings } from '../twilio/twiml.ts';

const CALL_MARK = 'CALL-ID-CALL-ID-CALL-I';
const SESSION_MARK = 'SESSION-ID-SESSION-ID-';
const SID_MARK = 'CA-SID-CA-SID-CA-SID-CA-SID-CA-SID';
const STEP_MARK = 987_654_321;

/** Writes the TwiML of plans: each shape once by the real writer, then with the ids of the plan at hand. */
export class TwimlText {
  readonly #settings: TwimlSettings;
  readonly #shapes = new Map<string, string | null>();

  constructor(publicBaseUrl: string) {
    this.#settings = {
      publicBaseUrl,
      company: { name: 'auto-connect', phone: '+13155550100' },
      talkLimitSeconds: 3600,
    };
  }

  /** Null for the one plan that is no document. */
  of(plan: TwimlPlan): string | null {
    const shape = this.#shape(plan);
    return shape && fill(shape, plan);
  }

  /** The document with marks for ids: what all plans of this shape have in common. */
  #shape(plan: TwimlPlan): string | null {
    const key = shapeKey(plan);
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const shape = writeTwiml(marked(plan), this.#settings);
    this.#shapes.set(key, shape);
    return shape;
  }
}

function shapeKey(plan: TwimlPlan): string {
  const after = 'after' in plan ? plan.after : '';
  const dial = plan.plan === 'dialQueue' ? `${plan.greet}/${plan.pauseSeconds}` : '';
  return `${plan.plan}/${after}/${dial}`;
}

function marked(plan: TwimlPlan): TwimlPlan {
  return {
    ...plan,
    ...('callId' in plan && { callId: CALL_MARK }),
    ...('sessionId' in plan && { sessionId: SESSION_MARK }),
    ...('sid' in plan && { sid: SID_MARK }),
    ...('step' in plan && { step: STEP_MARK }),
  } as TwimlPlan;
}

function fill(shape: string, plan: TwimlPlan): string {
  let text = shape;
  if ('callId' in plan) text = text.replaceAll(CALL_MARK, plan.callId);
  if ('sessionId' in plan) text = text.replaceAll(SESSION_MARK, plan.sessionId);
  if ('sid' in plan) text = text.replaceAll(SID_MARK, plan.sid);
  if ('step' in plan) text = text.replaceAll(String(STEP_MARK), String(plan.step));
  return text;
}
