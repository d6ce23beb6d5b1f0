/** The session's token is kept per tab: a reload resumes, another agent's tab is left alone. */
export interface TokenStore {
  read: () => string | null;
  write: (token: string) => void;
  /** Forgets the token, and every draft of the session with it: the next one at this desk may be somebody else. */
  clear: () => void;
}

const OURS = 'auto-connect.';
const TOKEN = `${OURS}token`;

export const notesKey = (callId: string): string => `${OURS}notes.${callId}`;

const FLOOR_TOKEN = `${OURS}floor-token`;

/** A supervisor’s, in a tab of her own. */
export const floorStore: TokenStore = {
  read: () => sessionStorage.getItem(FLOOR_TOKEN),
  write: (token) => sessionStorage.setItem(FLOOR_TOKEN, token),
  clear: () => sessionStorage.removeItem(FLOOR_TOKEN),
};

export const tabStore: TokenStore = {
  read: () => sessionStorage.getItem(TOKEN),
  write: (token) => sessionStorage.setItem(TOKEN, token),
  clear: () => {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(OURS)) sessionStorage.removeItem(key);
    }
  },
};
