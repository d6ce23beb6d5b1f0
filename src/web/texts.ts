import type { FileProblem, RowProblem } from '../domain/lead-import.ts';
import type { Handset, LeadRow, View } from '../protocol/messages.ts';
import { formatCount } from './format.ts';

type Call = View['calls'][number];
type Outcome = View['recent'][number]['outcome'];
type Disposition = NonNullable<View['recent'][number]['disposition']>;

type EndedBy = NonNullable<View['recent'][number]['endedBy']>;

const ENDED_BY = {
  lead: 'The other party hung up.',
  agent: 'You hung up.',
  phone: 'Your phone was put down or lost the line.',
} satisfies Record<EndedBy, string>;

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
    restartTitle: 'The server is restarting',
    restartText:
      'Back by itself in a moment. Your phone call and your session go on; what you see below is the last known state.',
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
    watching: (sessions: number) => `Live: ${sessions} ${sessions === 1 ? 'session' : 'sessions'}.`,
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
    openReplay: 'Open a recording',
    dropHere: 'Drop a log, a recording or a HAR file to step through it.',
    replaying: (name: string) => `Replaying ${name}…`,
    nothingHappens: (name: string) => `${name}: nothing in it reaches the machines.`,
    tooLarge: 'The file is larger than 10 MB; use the command line: auto-connect replay.',
    busy: 'Other files are being replayed; try again in a moment.',
    notReplayed: 'The server could not replay the file.',
    download: 'Download recording',
    notDownloaded: 'The recording could not be downloaded.',
    keys: 'Keys: left, right, Home, End',
    recognised: (recognised: number, requests: number) =>
      `${recognised} of ${requests} requests recognised`,
    replayedAgent: (id: string) => `agent ${id}`,
    replayedCall: (id: string) => `call ${id}`,
    broken: (by: string, invariant: string, detail: string) =>
      `${invariant} ${by === 'ours' ? 'broken by us' : 'broken then'}: ${detail}`,
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
    journalUnwritable: 'The server cannot write to its disk.',
    noConnection: 'Not possible without a connection to the server.',
    phoneNotConnected: 'Connect your phone first.',
    alreadyCalling: 'Leads are being called already.',
    talking: 'You are in a talk.',
    dispositionOwed: 'First record how the last talk went.',
    nobodyIsCalled: 'Nobody is being called.',
    alreadyPaused: 'Calling is paused already.',
    nothingToHangUp: 'There is no call to hang up.',
    listEmpty: 'The list is empty.',
    nobodyDone: 'Nobody on the list has been called yet.',
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
    listFinished:
      'The list is finished: there is nobody left to call. Add a file with more leads to go on.',
    signedOut: 'You are signed out.',
    journalUnwritable:
      'The server cannot write to its disk. Talks go on, but nobody new is called and nothing can be recorded. Tell whoever runs the server to free some space: it then goes on by itself. To end a talk, put down your phone.',
  } satisfies Record<NonNullable<View['quiet']>, string>,

  dialIn: {
    title: 'Connect your phone',
    phone: 'Phone this number',
    key: 'and key in this code',
    copyNumber: 'Copy number',
    copyCode: 'Copy code',
    copied: 'Copied',
    stage: {
      waiting: 'Waiting for your call…',
      prompting: 'A phone is being asked for its code. If it is yours, key in yours now.',
      wrongCode: 'A phone keyed a code that does not work. If it was you, try again.',
      dismissed: 'A phone was hung up after three tries. If it was yours, phone again.',
    },
    scan: 'or scan to phone',
    qr: (number: string) => `QR code that phones ${number}`,
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
    earlier: 'Earlier calls',
    notes: 'Notes',
    notesPlaceholder: 'Kept as you type, and recorded with the outcome',
    notesLeave: 'Esc leaves the notes',
    noDetails: 'The list has no other columns.',
  },
  wrapUp: {
    title: (name: string) => `How did it go with ${name}?`,
    group: 'Outcome of the talk',
    over: (endedBy: EndedBy | null, length: string | null) =>
      [
        endedBy === null ? 'The talk is over.' : ENDED_BY[endedBy],
        length === null ? '' : `You talked for ${length}.`,
      ]
        .filter(Boolean)
        .join(' '),
    since: 'Wrap-up for',
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
  clearSheet: {
    title: 'Clear the list?',
    text: 'Every lead that is not being called right now is taken off the list, for all agents. What became of earlier calls is kept.',
    confirm: 'Clear list',
    cancel: 'Keep it',
    done: (count: number) => `${formatCount(count)} leads were taken off the list.`,
  },
  correctSheet: {
    title: (name: string) => `Change the outcome of ${name}`,
    notes: 'Notes',
    change: 'Change',
    changeOf: (name: string) => `Change the outcome of ${name}`,
  },
  importSheet: {
    title: 'Add leads from a file',
    dropHere: 'Drop a CSV file here, or',
    choose: 'Choose a file',
    limits: 'A first line with column names; up to 100,000 rows and 10 MB.',
    reading: 'Reading the file…',
    readingOf: (done: number, total: number) =>
      `Read ${formatCount(done)} of ${formatCount(total)} rows…`,
    adding: 'Adding the leads…',
    phone: 'Phone is in',
    name: 'Name is in',
    surname: 'Family name is in',
    noColumn: 'no column',
    counts: (good: number, rows: number) =>
      `${formatCount(good)} of ${formatCount(rows)} rows can be added.`,
    bad: (count: number) =>
      `${formatCount(count)} ${count === 1 ? 'row has' : 'rows have'} no usable number.`,
    duplicates: (count: number) =>
      `${formatCount(count)} ${count === 1 ? 'row is a duplicate' : 'rows are duplicates'}.`,
    first: 'First rows',
    problems: 'Rows that cannot be added',
    more: (count: number) => `and ${formatCount(count)} more`,
    line: (line: number) => `Line ${line}`,
    reason: {
      noPhone: 'no number',
      notAPhone: 'not a telephone number',
      extension: 'has an extension',
      premium: 'costs whoever phones it',
      cellTooLong: 'a cell is longer than 1 KiB',
      twiceInFile: 'the same number as a line above',
      inList: 'is in the list already',
    } satisfies Record<RowProblem, string>,
    skip: (count: number) =>
      `Leave out ${count === 1 ? 'this row' : `these ${formatCount(count)} rows`}`,
    skipFirst: 'Say first that the rows above are to be left out, or correct the file.',
    add: (count: number) => `Add ${formatCount(count)} ${count === 1 ? 'lead' : 'leads'}`,
    nothing: 'There is nothing to add.',
    other: 'Another file',
    done: (added: number) =>
      `${formatCount(added)} ${added === 1 ? 'lead was' : 'leads were'} added to the list.`,
    failed: {
      notText: 'This is not a text file in UTF-8. Save it as CSV UTF-8.',
      empty: 'The file is empty.',
      noRows: 'The file has a first line with column names, and no rows.',
      tooManyRows: 'The file has more than 100,000 rows. Split it.',
      tooBig: 'The file is larger than 10 MB. Split it.',
      openQuote: 'A quotation mark is opened and never closed.',
      noPhoneColumn: 'Say which column the telephone numbers are in.',
      badRows: 'Rows of the file cannot be added. Look at it again.',
    } satisfies Record<FileProblem, string>,
    busy: 'The server reads other files right now. Try again in a moment.',
    lost: 'The server did not answer. Nothing was added.',
  },
  recent: {
    tab: 'Recent calls',
    talked: 'Talk',
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
    count: (found: number, all: number) =>
      found === all
        ? `${formatCount(all)} leads`
        : `${formatCount(found)} of ${formatCount(all)} leads`,
    lead: 'Lead',
    state: 'State',
    last: 'Last result',
    when: 'Last call',
    filter: 'Show',
    all: (count: number) => `All (${formatCount(count)})`,
    inState: {
      waiting: (count: number) => `Waiting (${formatCount(count)})`,
      reserved: (count: number) => `Being called (${formatCount(count)})`,
      done: (count: number) => `Done (${formatCount(count)})`,
    },
    importFile: 'Add a file',
    exportFile: 'Save as file',
    exportFailed: 'The list could not be saved',
    clear: 'Clear list',
    startOver: 'Start over',
    startedOver: (count: number) => `${formatCount(count)} leads are waiting to be called again.`,
    drop: 'Drop the file to add its leads',
    table: 'Leads',
    stateOf: {
      waiting: 'Waiting',
      reserved: 'Reserved',
      waitingForLine: 'Waiting for a line',
      dialing: 'Dialing',
      ringing: 'Ringing',
      answered: 'Answered',
      talking: 'Talking',
      ending: 'Hanging up',
      done: 'Done',
    } satisfies Record<LeadRow['state'], string>,
  },

  floor: {
    title: 'The floor',
    opening: 'Opening the floor…',
    wanted: 'This server asks for its passphrase. Whoever runs it can tell you.',
    watch: 'Watch',
    live: 'Live',
    lost: 'No connection: what you see is the last known state.',
    counts: 'Agents and calls by state',
    agents: 'Agents',
    agent: 'Agent',
    calls: 'Calls',
    stateNow: 'State',
    since: 'For',
    with: 'With',
    lines: 'Lines',
    nobody: 'Nobody is signed in.',
    noPage: 'no page open',
    callsOut: (count: number) => `${count} ${count === 1 ? 'call' : 'calls'} out`,
    state: {
      idle: 'Phone not connected',
      consumerConnected: 'Ready',
      dialing: 'Calling leads',
      queued: 'Being connected',
      bridged: 'Talking',
      completed: 'Signing out',
    } satisfies Record<View['state'], string>,
    mode: {
      ready: 'Ready',
      paused: 'Paused',
      wrappingUp: 'Wrap-up',
    } satisfies Record<NonNullable<View['mode']>, string>,
    waited: 'From answer to bridge, last two hours',
    waitedMost: (seconds: number) => `Longest wait ${seconds.toFixed(1)} s.`,
    mean: 'Mean',
    most: 'Longest',
    abandoned: 'Answered, nobody free, last two hours',
    abandonedShare: 'Share',
    abandonedOf: (abandoned: number, answered: number, share: number) =>
      `${abandoned} of ${answered} answered calls: ${share.toFixed(1)} %.`,
    noneEnded: 'No answered call has ended in this time.',
  },
  today: {
    title: 'Today',
    calls: 'Calls',
    talks: 'Talks',
    talkTime: 'Talking',
    abandoned: 'Answered, nobody free',
  },
  trouble: {
    notPlaced: (name: string) => `The call to ${name} was not placed`,
    notPlacedText:
      'The telephone network did not take it. The lead is marked as done; there is nothing for you to do.',
    anomaly: 'The telephone network sent something unexpected',
    anomalyText: 'It was noted for whoever runs the server. Your session goes on as shown.',
  },

  refused: {
    title: {
      'agent.correct': 'The outcome was not changed',
      'agent.setAutoNext': 'The switch was not set',
      'leads.clear': 'The list was not cleared',
      'leads.startOver': 'The list was not started over',
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
    journalUnwritable:
      'The server cannot write to its disk. Nothing was changed; tell whoever runs it.',
    notWrittenYet:
      'The server cannot write to its disk. It is done as soon as the disk can be written again, and lost if the server stops before.',
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
    import: 'Add leads from a file',
    recent: 'Show recent calls',
    leads: 'Show the lead list',
    sound: 'Sound on or off',
    scheme: 'Light or dark colours',
    sheet: 'Show this sheet (Esc closes it)',
    signOut: 'Sign out',
    use: 'Use the session here',
  },
} as const;
