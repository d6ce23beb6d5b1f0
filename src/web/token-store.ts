/** The session's token is kept per tab: a reload resumes, another agent's tab is left alone. */
export interface TokenStore {
  read: () => string | null;
  write: (token: string) => void;
  clear: () => void;
}

const KEY = 'auto-connect.token';

export const tabTokenStore: TokenStore = {
  read: () => sessionStorage.getItem(KEY),
  write: (token) => sessionStorage.setItem(KEY, token),
  clear: () => sessionStorage.removeItem(KEY),
};
