/**
 * Twilio's REST errors by code: HTTP status and a message. Statuses of 20003, 20404, 20429 and 22003 are sourced, the
 * others are the usual ones; texts are close to Twilio's where known.
 */
const REST_ERRORS = {
  10_001: { status: 400, message: 'Account is not active' },
  10_004: { status: 429, message: 'Too many concurrent calls' },
  20_001: { status: 400, message: 'Unknown parameters' },
  20_003: { status: 401, message: 'Authenticate' },
  20_004: { status: 405, message: 'Method not allowed' },
  20_008: { status: 403, message: 'Resource not accessible with Test Account Credentials' },
  20_009: { status: 409, message: 'Cannot delete this resource before it is complete' },
  20_404: { status: 404, message: 'The requested resource was not found' },
  20_409: { status: 409, message: 'Conflict' },
  20_422: { status: 422, message: 'Invalid parameter' },
  20_429: { status: 429, message: 'Too Many Requests' },
  20_500: { status: 500, message: 'Internal Server Error' },
  20_503: { status: 503, message: 'Service Unavailable' },
  21_201: { status: 400, message: "No 'To' number is specified" },
  21_205: { status: 400, message: 'Url is not a valid URL' },
  21_206: { status: 400, message: 'SendDigits is not valid' },
  21_208: { status: 400, message: 'Timeout is not valid' },
  21_209: { status: 400, message: 'Method is not a valid HTTP method' },
  21_210: {
    status: 400,
    message: 'The source phone number provided is not yet verified for your account',
  },
  21_211: { status: 400, message: "The 'To' number is not a valid phone number" },
  21_212: { status: 400, message: "The 'From' number is not a valid phone number" },
  21_213: { status: 400, message: "A 'From' phone number is required" },
  21_214: { status: 400, message: "'To' phone number cannot be reached" },
  21_215: {
    status: 400,
    message: 'Account not authorized to call this number: check your geo permissions',
  },
  21_216: { status: 400, message: 'Account not allowed to call this number: it is blocked' },
  21_217: { status: 400, message: 'Phone number does not appear to be valid' },
  21_218: { status: 400, message: 'Invalid ApplicationSid' },
  21_219: { status: 400, message: "'To' phone number is not verified" },
  21_220: { status: 400, message: 'Call is not in-progress. Cannot redirect.' },
  21_234: { status: 400, message: 'Invalid answering machine detection configuration' },
  21_626: { status: 400, message: 'Invalid StatusCallbackEvent' },
  22_001: { status: 400, message: 'Call timed out in the queue' },
  22_002: { status: 400, message: 'The queue has members and cannot be deleted' },
  22_003: { status: 400, message: 'A queue with this name already exists' },
  22_005: { status: 400, message: 'Call queue is full: more than 24 hours of calls at your rate' },
} as const;

export type RestErrorCode = keyof typeof REST_ERRORS;

export interface RestErrorBody {
  readonly code: number;
  readonly message: string;
  readonly more_info: string;
  readonly status: number;
}

/** An answer in Twilio's error form. Thrown by handlers, turned into a response by the router. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly code: number;
  readonly status: number;

  constructor(code: number, message?: string) {
    const known = isKnown(code) ? REST_ERRORS[code] : { status: 400, message: 'Bad Request' };
    super(message ?? known.message);
    this.code = code;
    this.status = known.status;
  }

  toJSON(): RestErrorBody {
    return {
      code: this.code,
      message: this.message,
      more_info: `https://www.twilio.com/docs/errors/${this.code}`,
      status: this.status,
    };
  }
}

function isKnown(code: number): code is RestErrorCode {
  return Object.hasOwn(REST_ERRORS, code);
}
