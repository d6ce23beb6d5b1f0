import type { Handset, LeadRow, View } from '../protocol/messages.ts';

type Call = View['calls'][number];
type Outcome = View['recent'][number]['outcome'];
type Disposition = NonNullable<View['recent'][number]['disposition']>;

/** Every word the page shows, in one place, so that a translation replaces one file. */
export const TEXTS = {
  product: 'auto-connect',
  close: 'Close',

  signIn: {
    title: 'Sign in',
    name: 'Your name',
    namePlaceholder: 'As your colleagues know you',
    passphrase: 'Passphrase',
    passphraseWanted: 'This server asks for its passphrase. Whoever runs it can tell you.',
    passphraseWrong: 'That passphrase did not work.',
    nameMissing: 'Please type your name.',
    submit: 'Sign in',
    how: 'You take calls on your own phone. After signing in you get a number to phone and a code to key in.',
    ended: 'Your session is over. Sign in to go on.',
    left: 'You are signed out.',
    unreachable: 'The server does not answer. Check the network, then try again.',
    refused: (message: string) => `The server refused the sign-in: ${message}`,
  },

  resuming: 'Picking up your session…',

  replaced: {
    title: 'Opened in another tab',
    text: 'Your session is on another page now. Your phone and your calls are not affected.',
    useHere: 'Use it here',
  },
  mismatch: {
    title: 'This page is out of date',
    text: 'The server has changed since this page was loaded. Reload it: your session and your calls go on.',
    reload: 'Reload',
  },

  link: {
    open: 'Connected to the server',
    lost: 'No connection',
    lostTitle: 'The connection to the server is lost',
    lostText:
      'Trying again by itself. Your phone call is not affected; what you see below is the last known state.',
    retry: 'Try now',
  },

  machines: {
    link: {
      connecting: 'Connecting…',
      lost: 'No connection; trying again by itself.',
      refused: 'The server does not let this page look: sign in first.',
      mismatch: 'This page is out of date: reload it.',
    },
    title: 'Machines',
    back: 'Back to the desk',
    loading: 'Opening the charts…',
    watching: (sessions: number) =>
      `Live: ${sessions} ${sessions === 1 ? 'session' : 'sessions'}.`,
    charts: 'Charts',
    chart: { 'agent-session': 'Agent session', 'outbound-call': 'Outbound call' },
    drawing: (chart: string, scope: string) => `Chart ${chart}, ${scope}`,
    stateCount: (path: string, count: number) => `${path}: ${count}`,
    lookInside: 'Look inside',
    sessions: 'Sessions',
    calls: (count: number) => (count === 1 ? '1 call' : `${count} calls`),
    unlisted: (count: number) => `and ${count} more that are not listed`,
    events: 'Last events',
    noEvents: 'Nothing has happened since this page was opened.',
    anomaly: (anomaly: string, webhook: string) => `Did not fit: ${anomaly} (${webhook})`,
    everybody: 'Show everybody',
    wholeSession: 'The whole session',
    noTimeline: 'Its journal holds nothing: the session is over.',
    cut: (count: number) => `${count} earlier steps are not shown.`,
    when: (time: string, isNow: boolean) => (isNow ? `Now (last step ${time})` : `At ${time}`),
    deadlines: (seconds: number[]) =>
      seconds.length === 0
        ? 'No deadline was running.'
        : `Deadlines were due in ${seconds.map((each) => `${each} s`).join(', ')}.`,
    openReplay: 'Open a replay',
    notAReplay: 'That file is not the output of replay --json.',
  },

  header: {
    simulated: 'Simulated network',
    soundOn: 'Sound is on',
    soundAsleep: 'Sound is on after your next key or click',
    soundOff: 'Sound is off',
    toDark: 'Dark colours',
    toLight: 'Light colours',
    shortcuts: 'Keyboard shortcuts',
    signOut: 'Sign out',
  },
  signOutSheet: {
    title: 'Sign out now?',
    text: 'Calls that are ringing and the talk you are in will be ended, and your phone will be hung up.',
    confirm: 'Sign out',
    cancel: 'Stay',
  },

  work: {
    controls: 'Calling',
    callLeads: 'Call leads',
    pause: 'Pause',
    hangUp: 'Hang up',
    lines: 'Lines',
    linesHint: 'How many leads are rung at once, 1 to 10',
    fewer: 'One line fewer',
    more: 'One line more',
    linesNow: (lines: number) => `${lines} ${lines === 1 ? 'line' : 'lines'}`,
  },
  /** Why a button cannot be used right now. */
  unavailable: {
    noConnection: 'Not possible without a connection to the server.',
    phoneNotConnected: 'Connect your phone first.',
    alreadyCalling: 'Leads are being called already.',
    talking: 'You are in a talk.',
    dispositionOwed: 'First record how the last talk went.',
    nobodyIsCalled: 'Nobody is being called.',
    alreadyPaused: 'Calling is paused already.',
    nothingToHangUp: 'There is no call to hang up.',
    linesAtLeast: 'One line is the least.',
    linesAtMost: 'Ten lines are the most.',
  },

  situation: {
    title: {
      noPhone: 'Phone not connected',
      ready: 'Ready',
      finished: 'List finished',
      paused: 'Paused',
      dialing: 'Calling leads',
      queued: 'Answered: connecting you',
      bridged: 'Talking',
      wrappingUp: 'Wrap-up',
    },
    dialing: 'The first who answers is connected to you.',
    queued: (name: string) => `${name} has answered and is being connected to your phone.`,
    bridged: (name: string) => `You are talking with ${name}.`,
  },
  /** The plain answer to "why is nothing happening?". */
  quiet: {
    phoneNotConnected:
      'Nobody is being called because your phone is not connected. Phone the number and key in the code.',
    readyToCall: 'Nobody is being called yet. Press Call leads to start.',
    paused: 'Calling has been paused. Press Call leads to go on.',
    dispositionOwed: 'Nobody is being called until you record how the last talk went.',
    waitingForLine: 'Waiting for a free line to the telephone network. It comes by itself.',
    listFinished: 'The list is finished: there is nobody left to call.',
    signedOut: 'You are signed out.',
  } satisfies Record<NonNullable<View['quiet']>, string>,

  dialIn: {
    title: 'Connect your phone',
    phone: 'Phone this number',
    key: 'and key in this code',
    copyNumber: 'Copy number',
    copyCode: 'Copy code',
    copied: 'Copied',
    waiting: 'Waiting for your call…',
    stayOn: 'Stay on the line between talks: you phone in only once.',
    again: 'Your phone is no longer connected. Phone again to go on calling.',
  },

  handset: {
    title: 'Handset',
    hint: 'A simulated phone. Type digits while it has the focus.',
    dial: 'Dial in',
    hangUp: 'Put down',
    keypad: 'Keypad',
    key: (digit: string) => `Key ${digit}`,
    heard: 'What you would hear',
    silence: 'Nothing yet. Press Dial in.',
    /** What is heard that is not a voice; a kind this page does not know is shown as its text. */
    heardAs: {
      say: (text) => `“${text}”`,
      person: (text) => `The other side: “${text}”`,
      play: (text) => `A recording: ${text}`,
      ringback: () => 'Ringing tone',
      music: (text) => `Music: ${text}`,
      tone: (text) => `Tone: ${text}`,
      silence: (text) => `Silence, ${text}`,
    } as Record<string, (text: string) => string>,
    phase: {
      idle: 'On the hook',
      dialing: 'Dialing',
      ringing: 'Ringing',
      connected: 'Connected',
    } satisfies Record<Handset['phase'], string>,
  },

  calls: {
    title: 'Calls',
    none: 'Choosing the next leads…',
    state: {
      idle: 'Waiting for a line',
      dialing: 'Dialing',
      queued: 'Answered',
      bridged: 'Talking',
      ending: 'Hanging up',
      completed: 'Over',
    } satisfies Record<Call['state'], string>,
    phase: {
      waitingForLine: 'Waiting for a line',
      requesting: 'Placing the call',
      placed: 'Dialing',
      ringing: 'Ringing',
      unconfirmed: 'Checking whether it was placed',
    } satisfies Record<NonNullable<Call['phase']>, string>,
  },

  talk: {
    connecting: 'Connecting',
    details: 'Details',
    phone: 'Phone',
    earlier: 'Earlier calls in this session',
    notes: 'Notes',
    notesPlaceholder: 'Kept in this tab until you record the outcome',
    notesLeave: 'Esc leaves the notes',
    noDetails: 'The list has no other columns.',
  },
  wrapUp: {
    title: (name: string) => `How did it go with ${name}?`,
    group: 'Outcome of the talk',
    callOn: 'Then call the next leads by itself',
    ask: 'Choose one: it is recorded at once, with your notes.',
  },
  disposition: {
    interested: 'Interested',
    notInterested: 'Not interested',
    callBack: 'Call back',
    wrongNumber: 'Wrong number',
    machine: 'Answering machine',
    doNotCall: 'Do not call again',
  } satisfies Record<Disposition, string>,
  outcome: {
    talked: 'Talked',
    abandoned: 'Answered, nobody free',
    noAnswer: 'No answer',
    busy: 'Busy',
    failed: 'Not reachable',
    canceled: 'Ended before an answer',
    machine: 'Answering machine',
    refused: 'Not placed',
  } satisfies Record<Outcome, string>,

  lists: 'Lists',
  recent: {
    tab: 'Recent calls',
    none: 'No call has ended in this session yet.',
    lead: 'Lead',
    result: 'Result',
    when: 'Ended',
    phone: 'Phone',
    recorded: 'Recorded',
    owed: 'Not recorded yet',
  },
  leads: {
    tab: 'Lead list',
    search: 'Search the list',
    none: 'The list is empty.',
    noMatch: 'No lead matches.',
    loading: 'Loading the list…',
    failed: 'The list could not be loaded.',
    again: 'Try again',
    phone: 'Phone',
    count: (shown: number, all: number) =>
      shown === all ? `${all} leads` : `${shown} of ${all} leads. Search to narrow it down.`,
    lead: 'Lead',
    state: 'State',
    last: 'Last result',
    stateOf: {
      waiting: 'Waiting',
      reserved: 'Being called',
      done: 'Done',
    } satisfies Record<LeadRow['state'], string>,
  },

  refused: {
    title: {
      'agent.callLeads': 'Calling did not start',
      'agent.pause': 'Calling was not paused',
      'agent.hangUp': 'Nothing was hung up',
      'agent.setLines': 'The lines were not changed',
      'agent.dispose': 'The outcome was not recorded',
      'agent.signOut': 'You are still signed in',
      'handset.dial': 'The handset did not dial',
      'handset.hangUp': 'The handset did not hang up',
      'handset.press': 'The key was not sent',
    } as Record<string, string>,
    anything: 'That did not work',
    lost: 'The connection was lost before the server answered. The page shows what came of it as soon as it is back.',
    /** Beside the reasons of `quiet`, which are the server's reasons as well. */
    busy: 'It does not fit what is going on right now.',
    unavailable: 'The server cannot do it right now. Try again in a moment.',
    tooMany: 'Too many at once. Wait a moment.',
    other: (message: string) => `The server says: ${message}`,
  },

  sheet: {
    title: 'Keyboard shortcuts',
    key: 'Key',
    action: 'Action',
    toggle: 'Single-key shortcuts',
    toggleHint: 'Switch off if a speech or typing aid presses keys by mistake.',
    outcomes: '1 – 6',
  },
  /** Names in the `?` sheet where the button's own name would be too short. */
  keys: {
    callLeads: 'Call leads',
    pause: 'Pause calling',
    hangUp: 'Hang up the talk, or stop the calls that ring',
    fewerLines: 'One line fewer',
    moreLines: 'One line more',
    callOn: 'Call on by itself after an outcome: on or off',
    notes: 'Go to the notes (Esc leaves them)',
    dispose: 'Record the outcome',
    handset: 'Handset: dial in or put down',
    recent: 'Show recent calls',
    leads: 'Show the lead list',
    sound: 'Sound on or off',
    scheme: 'Light or dark colours',
    sheet: 'Show this sheet (Esc closes it)',
    signOut: 'Sign out',
    use: 'Use the session here',
  },
} as const;
