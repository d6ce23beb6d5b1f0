/* oxlint-disable import/no-unassigned-import -- each file registers its tests */
// The quick tests of the charts and of what is answered, as the runner of mutants loads them: all at once, again and again.
import '../machines/access-gate.test.ts';
import '../machines/agent-session-deeds.test.ts';
import '../machines/crash.test.ts';
import '../machines/outbound-call-deeds.test.ts';
import '../dialer/access-code.test.ts';
import '../dialer/agent-leaves.test.ts';
import '../dialer/checkpoint.test.ts';
import '../dialer/closing-order.test.ts';
import '../dialer/deadlines.test.ts';
import '../dialer/durability.test.ts';
import '../dialer/late-losers.test.ts';
import '../dialer/lead-endings.test.ts';
import '../dialer/lines.test.ts';
import '../dialer/page.test.ts';
import '../dialer/recovery.test.ts';
import '../dialer/registration-race.test.ts';
import '../dialer/replies.test.ts';
import '../dialer/replay.test.ts';
import '../dialer/supervision.test.ts';
import '../dialer/waiting-agent.test.ts';
// The slow ones last: only what survives all others pays for them.
import '../machines/outbound-call.test.ts';
