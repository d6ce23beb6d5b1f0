import { rfc2822 } from '../dates.ts';
import { findCall } from './find-call.ts';
import { page, PAGING } from './paging.ts';
import { accountUri, ok, readQuery, type RestCall, type RestResponse } from './resource.ts';

/** What went wrong on a call, as its Notifications resource tells it. */
export function listNotifications(call: RestCall): RestResponse {
  const leg = findCall(call);
  const { exchange } = call;
  const notifications = exchange.debuggerLog.entries
    .filter((entry) => entry.callSid === leg.sid)
    .map((entry) => ({
      sid: `NO${String(entry.id).padStart(32, '0')}`,
      account_sid: exchange.accountSid,
      call_sid: leg.sid,
      api_version: exchange.apiVersion,
      log: entry.level === 'error' ? '0' : '1',
      error_code: String(entry.code),
      more_info: `https://www.twilio.com/docs/errors/${entry.code}`,
      message_text: entry.message,
      message_date: rfc2822(entry.at),
      request_url: entry.url ?? '',
      request_method: 'POST',
      date_created: rfc2822(entry.at),
      date_updated: rfc2822(entry.at),
      uri: accountUri(exchange, `Calls/${leg.sid}/Notifications.json`),
    }));
  return ok(
    page('notifications', notifications, readQuery(call, PAGING), call.pathname, call.query),
  );
}
