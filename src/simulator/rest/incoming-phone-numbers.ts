import { rfc2822 } from '../dates.ts';
import type { AccountNumber, Exchange } from '../exchange.ts';
import { formatNumber } from '../phone-number.ts';
import { page, PAGING } from './paging.ts';
import {
  any,
  boolean,
  method,
  url,
  type ParameterRule,
  type ParameterTable,
} from './parameters.ts';
import {
  accountUri,
  ok,
  readForm,
  readQuery,
  type RestCall,
  type RestResponse,
  type Route,
} from './resource.ts';
import { RestError } from './rest-error.ts';

/** An empty value takes the URL away. */
const urlOrEmpty: ParameterRule = {
  code: 21_502,
  problem: (value) => (value === '' ? null : url().problem(value)),
};

const UPDATE: ParameterTable = {
  FriendlyName: any,
  VoiceUrl: urlOrEmpty,
  VoiceMethod: method(),
  VoiceFallbackUrl: urlOrEmpty,
  VoiceFallbackMethod: method(),
  VoiceCallerIdLookup: boolean(),
  VoiceApplicationSid: any,
  StatusCallback: urlOrEmpty,
  StatusCallbackMethod: method(),
};

export const numberRoutes: readonly Route[] = [
  { method: 'GET', path: /^IncomingPhoneNumbers$/, handle: listNumbers },
  {
    method: 'GET',
    path: /^IncomingPhoneNumbers\/([^/.]+)$/,
    handle: (call) => ok(numberJson(call.exchange, find(call))),
  },
  { method: 'POST', path: /^IncomingPhoneNumbers\/([^/.]+)$/, handle: updateNumber },
];

function listNumbers(call: RestCall): RestResponse {
  const parameters = readQuery(call, {
    ...PAGING,
    PhoneNumber: any,
    FriendlyName: any,
    Beta: boolean(),
    Origin: any,
  });
  const wanted = parameters.get('PhoneNumber')?.replaceAll(/[^\d*]/g, '');
  const name = parameters.get('FriendlyName');
  const numbers = [...call.exchange.numbers.values()]
    .filter((number) => wanted === undefined || number.phoneNumber.includes(wanted))
    .filter((number) => name === undefined || nameOf(number) === name)
    .map((number) => numberJson(call.exchange, number));
  return ok(page('incoming_phone_numbers', numbers, parameters, call.pathname, call.query));
}

function updateNumber(call: RestCall): RestResponse {
  const number = find(call);
  const parameters = readForm(call, UPDATE);
  const set = (
    key: 'voiceUrl' | 'voiceFallbackUrl' | 'statusCallback' | 'friendlyName' | 'applicationSid',
    name: string,
  ): void => {
    const value = parameters.get(name);
    if (value === undefined) return;
    if (value === '') delete number[key];
    else number[key] = value;
  };
  set('voiceUrl', 'VoiceUrl');
  set('voiceFallbackUrl', 'VoiceFallbackUrl');
  set('statusCallback', 'StatusCallback');
  set('friendlyName', 'FriendlyName');
  set('applicationSid', 'VoiceApplicationSid');
  if (parameters.has('VoiceMethod')) number.voiceMethod = parameters.method('VoiceMethod');
  if (parameters.has('VoiceFallbackMethod'))
    number.voiceFallbackMethod = parameters.method('VoiceFallbackMethod');
  if (parameters.has('StatusCallbackMethod'))
    number.statusCallbackMethod = parameters.method('StatusCallbackMethod');
  number.callerNameLookup =
    parameters.boolean('VoiceCallerIdLookup') ?? number.callerNameLookup ?? false;
  number.updatedAt = call.exchange.clock.now();
  return ok(numberJson(call.exchange, number));
}

function find(call: RestCall): AccountNumber {
  const number = [...call.exchange.numbers.values()].find(({ sid }) => sid === call.path[0]);
  if (!number) throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  return number;
}

function nameOf(number: AccountNumber): string {
  return number.friendlyName ?? formatNumber(number.phoneNumber);
}

function numberJson(exchange: Exchange, number: AccountNumber): Record<string, unknown> {
  return {
    sid: number.sid,
    account_sid: exchange.accountSid,
    friendly_name: nameOf(number),
    phone_number: number.phoneNumber,
    voice_url: number.voiceUrl ?? null,
    voice_method: number.voiceMethod ?? 'POST',
    voice_fallback_url: number.voiceFallbackUrl ?? null,
    voice_fallback_method: number.voiceFallbackMethod ?? 'POST',
    voice_caller_id_lookup: number.callerNameLookup ?? false,
    voice_application_sid: number.applicationSid ?? null,
    voice_receive_mode: 'voice',
    status_callback: number.statusCallback ?? null,
    status_callback_method: number.statusCallbackMethod ?? 'POST',
    sms_url: null,
    sms_method: 'POST',
    sms_fallback_url: null,
    sms_fallback_method: 'POST',
    sms_application_sid: null,
    address_requirements: 'none',
    address_sid: null,
    identity_sid: null,
    bundle_sid: null,
    trunk_sid: null,
    emergency_status: 'Inactive',
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    beta: false,
    capabilities: { voice: true, sms: false, mms: false, fax: false },
    origin: 'twilio',
    status: 'in-use',
    type: /^\+18(00|33|44|55|66|77|88)/.test(number.phoneNumber) ? 'tollfree' : 'local',
    api_version: exchange.apiVersion,
    date_created: rfc2822(number.createdAt),
    date_updated: rfc2822(number.updatedAt),
    uri: accountUri(exchange, `IncomingPhoneNumbers/${number.sid}.json`),
    subresource_uris: {},
  };
}
