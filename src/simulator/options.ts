import type { Range } from './random.ts';

/** The account everyone gets who brings none. Nothing real: the SID is zeros, the token says what it is. */
export const SIMULATED_ACCOUNT = {
  accountSid: 'AC00000000000000000000000000000001',
  authToken: 'simulated-network-auth-token',
} as const;

/** A number the account owns, or a verified caller id if it has no URL. */
export interface OwnedNumber {
  phoneNumber: string;
  voiceUrl?: string;
  voiceMethod?: 'GET' | 'POST';
  voiceFallbackUrl?: string;
  voiceFallbackMethod?: 'GET' | 'POST';
  statusCallback?: string;
  statusCallbackMethod?: 'GET' | 'POST';
  friendlyName?: string;
  /** A TwiML App that supplies the URLs; requests then carry `ApplicationSid`. */
  applicationSid?: string;
  /** Inbound requests then carry `CallerName`, empty when the caller has none. */
  callerNameLookup?: boolean;
}

/** A TwiML App: where browser and mobile clients are sent when they call. */
export interface Application {
  sid: string;
  voiceUrl: string;
  voiceMethod?: 'GET' | 'POST';
  voiceFallbackUrl?: string;
  voiceFallbackMethod?: 'GET' | 'POST';
  statusCallback?: string;
  statusCallbackMethod?: 'GET' | 'POST';
}

/** How long the network takes over things. All drawn from the seed, none measured against Twilio. */
export interface Timings {
  /** REST request to answer. */
  restMs: Range;
  /** Decision to make a webhook request until it is on the wire. */
  webhookMs: Range;
  /** A call leaving the account's queue until `initiated`. */
  setUpMs: Range;
  /** `initiated` to `ringing`. */
  ringDelayMs: Range;
  /** Member taken off a queue until the whisper request. Seen between 0 and 4 s at Twilio. */
  matchMs: Range;
  /** `<Hangup>` or end of document until the call is completed. Seen between 0 and 5 s at Twilio. */
  hangUpMs: Range;
  /** "An application error has occurred": about 4 s by the recorded call of 2019. */
  applicationErrorMs: Range;
  /** Answer to the verdict of answering machine detection about a person or a machine's start. */
  machineDetectionMs: Range;
}

export const TIMINGS = {
  /** The defaults: a network as one meets it. */
  lifelike: {
    restMs: [20, 120],
    webhookMs: [20, 80],
    setUpMs: [0, 300],
    ringDelayMs: [500, 2000],
    matchMs: [50, 400],
    hangUpMs: [0, 0],
    applicationErrorMs: [4000, 4000],
    machineDetectionMs: [2000, 4500],
  },
  /** For tests in real time: nothing takes longer than it must. */
  brisk: {
    restMs: [0, 0],
    webhookMs: [0, 0],
    setUpMs: [0, 0],
    ringDelayMs: [5, 5],
    matchMs: [0, 0],
    hangUpMs: [0, 0],
    applicationErrorMs: [50, 50],
    machineDetectionMs: [10, 10],
  },
} as const satisfies Record<string, Timings>;

/**
 * What no source could verify about Twilio, as switches. The defaults are the most likely reading; a program that is
 * right under every setting does not depend on the guess.
 */
export interface Assumptions {
  /** `DialCallStatus` after `<Dial><Queue>`, by how it ended. */
  dialQueueStatus: { bridged: string; queueEmpty: string; queueNotFound: string; hangup: string };
  /** A member hangs up while it hears the whisper: the agent's Dial ends, or waits for the next member. */
  memberGoneInWhisper: 'dialEnds' | 'dialKeepsWaiting';
  /** A dequeuer hangs up during the whisper: what Enqueue's action is told. */
  dequeuerGoneInWhisper: 'bridging-in-process' | 'hangup' | 'error';
  /** 200, `text/xml`, no body. */
  emptyXml: 'endOfDocument' | 'error12100';
  /** 204 to a TwiML request. */
  noContent: 'endOfDocument' | 'error11200';
  /** `CallStatus` in the Dial action when the parent has hung up. */
  dialActionStatusAfterHangUp: 'completed' | 'in-progress';
  /** `CallStatus` in the Enqueue action when the member has hung up: `in-progress` in every capture, none of a hang-up in mid-talk. */
  enqueueActionStatusAfterHangUp: 'in-progress' | 'completed';
  /** Whether the child of a Dial tells where its ends are registered. Absent in the captures. */
  childGeography: boolean;
  /** Whom a conference's wait request names: nobody (a capture), or the participant; and whether nobody is also nowhere. */
  conferenceWait: { caller: 'nobody' | 'participant'; geography: 'absent' | 'empty' };
  /** `MaxQueueSize` in wait requests: documented, absent in a capture of 2016. */
  maxQueueSizeInWait: boolean;
  /** `DialBridged` in the Dial action: newer, absent in 2021 and before. */
  dialBridged: boolean;
  /** Error of deleting a queue with members. */
  deleteBusyQueueCode: number;
  /** Default of `waitUrlMethod` when a custom `waitUrl` is given. */
  waitUrlMethod: 'GET' | 'POST';
}

export const ASSUMPTIONS: Assumptions = {
  dialQueueStatus: {
    bridged: 'completed',
    queueEmpty: 'no-answer',
    queueNotFound: 'failed',
    hangup: 'failed',
  },
  memberGoneInWhisper: 'dialEnds',
  dequeuerGoneInWhisper: 'bridging-in-process',
  emptyXml: 'endOfDocument',
  noContent: 'endOfDocument',
  dialActionStatusAfterHangUp: 'completed',
  enqueueActionStatusAfterHangUp: 'in-progress',
  childGeography: false,
  conferenceWait: { caller: 'nobody', geography: 'absent' },
  maxQueueSizeInWait: true,
  dialBridged: true,
  deleteBusyQueueCode: 22002,
  waitUrlMethod: 'POST',
};
